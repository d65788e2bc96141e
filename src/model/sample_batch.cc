#include "model/sample_batch.h"

namespace tundish {

void BatchColumns::push_back(TimeNs time, const Value& value, Quality quality) {
  times.push_back(time);
  qualities.push_back(quality.code);
  types.push_back(type_of(value));
  switch (type_of(value)) {
    case ValueType::kDouble: bits.push_back(bits_of(std::get<double>(value))); break;
    case ValueType::kInt64: bits.push_back(bits_of(std::get<std::int64_t>(value))); break;
    case ValueType::kBool: bits.push_back(bits_of(std::get<bool>(value))); break;
    case ValueType::kString: {
      const std::string& string = std::get<std::string>(value);
      bits.push_back(static_cast<std::uint64_t>(text.size()) << 32 | string.size());
      text += string;
      break;
    }
  }
}

Value BatchColumns::value_at(std::size_t row) const {
  switch (types[row]) {
    case ValueType::kDouble: return double_of(bits[row]);
    case ValueType::kInt64: return static_cast<std::int64_t>(bits[row]);
    case ValueType::kBool: return bits[row] != 0;
    case ValueType::kString: return std::string(text_at(row));
  }
  return 0.0;
}

}  // namespace tundish
