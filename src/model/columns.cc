#include "model/columns.h"

#include <limits>

#include "base/check.h"

namespace tundish {

void Columns::clear() {
  times.clear();
  bits.clear();
  qualities.clear();
  text.clear();
}

void Columns::reserve(std::size_t count) {
  times.reserve(count);
  bits.reserve(count);
  qualities.reserve(count);
}

Sample Columns::at(std::size_t index) const {
  Sample sample{times[index], 0.0, Quality{qualities[index]}};
  switch (type) {
    case ValueType::kDouble: sample.value = double_of(bits[index]); break;
    case ValueType::kInt64: sample.value = static_cast<std::int64_t>(bits[index]); break;
    case ValueType::kBool: sample.value = bits[index] != 0; break;
    case ValueType::kString: sample.value = std::string(text_at(index)); break;
  }
  return sample;
}

void Columns::push_back(const Sample& sample) {
  TUNDISH_CHECK(type_of(sample.value) == type);
  times.push_back(sample.time);
  qualities.push_back(sample.quality.code);
  switch (type) {
    case ValueType::kDouble: bits.push_back(bits_of(std::get<double>(sample.value))); break;
    case ValueType::kInt64: bits.push_back(bits_of(std::get<std::int64_t>(sample.value))); break;
    case ValueType::kBool: bits.push_back(bits_of(std::get<bool>(sample.value))); break;
    case ValueType::kString: {
      const std::string& value = std::get<std::string>(sample.value);
      bits.push_back(static_cast<std::uint64_t>(text.size()) << 32 | value.size());
      text += value;
      break;
    }
  }
}

void Columns::push_from(const Columns& other, std::size_t index) {
  TUNDISH_CHECK(other.type == type);
  times.push_back(other.times[index]);
  qualities.push_back(other.qualities[index]);
  if (type == ValueType::kString) {
    const std::string_view value = other.text_at(index);
    bits.push_back(static_cast<std::uint64_t>(text.size()) << 32 | value.size());
    text += value;
  } else {
    bits.push_back(other.bits[index]);
  }
}

double Columns::number_at(std::size_t index) const {
  switch (type) {
    case ValueType::kDouble: return double_of(bits[index]);
    case ValueType::kInt64: return static_cast<double>(static_cast<std::int64_t>(bits[index]));
    case ValueType::kBool: return bits[index] != 0 ? 1.0 : 0.0;
    case ValueType::kString: break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace tundish
