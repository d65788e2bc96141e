// Reads the JSON body of samples in one pass, without a tree. What a member means is decided when
// its sample is complete, because `type` may come after `value`.

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <optional>
#include <variant>

#include "model/tag_path.h"
#include "wire/samples/samples.h"
#include "wire/samples/value_text.h"

namespace tundish::wire {
namespace {

namespace ondemand = simdjson::ondemand;

struct NumberText {
  std::string_view text;
};
struct Null {};
struct NoScalar {};  // an array or an object
/// A JSON scalar as it stands there, not yet a value of any type.
using Scalar = std::variant<Null, NoScalar, bool, std::string_view, NumberText>;

/// Why one sample is refused. What breaks the whole body is an Error.
struct Reason {
  ErrorCode code;
  std::string message;
};

class BodyReader {
 public:
  BodyReader(const BodyLimits& limits, std::string_view padded) : limits_(limits), text_(padded) {}

  Result<DecodedBody> read(ondemand::document& document) {
    document_ = &document;
    ondemand::object members;
    if (const auto error = document.get_object().get(members))
      return error == simdjson::INCORRECT_TYPE
                 ? fail(ErrorCode::kInvalidArgument,
                        "The body must be an object like {\"samples\":[...]}.", "body")
                 : broken(error);
    bool samples_seen = false;
    for (auto member : members) {
      ondemand::field field;
      if (const auto error = std::move(member).get(field)) return broken(error);
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) return broken(error);
      ondemand::value value = field.value();
      if (key == "samples") {
        if (samples_seen) return bad_member("samples", "is there twice");
        samples_seen = true;
        TUNDISH_RETURN_IF_ERROR(read_samples(value));
      } else {
        TUNDISH_RETURN_IF_ERROR(read_head(key, value));
      }
    }
    const char* after = nullptr;
    if (!document.current_location().get(after))
      return fail(ErrorCode::kInvalidArgument, "There is something after the end of the JSON.",
                  "body");
    if (!samples_seen) return bad_member("samples", "is missing; it is an array of samples");
    TUNDISH_RETURN_IF_ERROR(finish_head());
    return std::move(body_);
  }

 private:
  // --- the members beside the samples ---

  Status read_head(std::string_view key, ondemand::value& value) {
    TUNDISH_TRY(const Scalar scalar, read_scalar(value));
    const auto* text = std::get_if<std::string_view>(&scalar);
    if (key == "source" || key == "stream") {
      std::optional<std::string>& name = key == "source" ? source_ : stream_;
      if (name) return bad_member(key, "is there twice");
      if (text == nullptr || text->empty() || text->size() > kNameBytesMax)
        return bad_member(key, "must be a string of 1 to 128 bytes");
      name = *text;
      return {};
    }
    if (key == "epoch" || key == "sequence") {
      std::optional<std::uint64_t>& number = key == "epoch" ? epoch_ : sequence_;
      if (number) return bad_member(key, "is there twice");
      const auto* token = std::get_if<NumberText>(&scalar);
      const std::string_view digits = token ? token->text : text ? *text : std::string_view();
      std::uint64_t read = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), read);
      if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() ||
          read == 0 || (key == "epoch" && read > UINT32_MAX))
        return bad_member(key, "must be a whole number from 1");
      number = read;
      return {};
    }
    if (key == "class") {
      if (body_.batch.sample_class) return bad_member(key, "is there twice");
      if (text && *text == "synthetic") body_.batch.sample_class = SampleClass::kSynthetic;
      if (text && *text == "measured") body_.batch.sample_class = SampleClass::kMeasured;
      if (text && *text == "corrected") body_.batch.sample_class = SampleClass::kCorrected;
      if (!body_.batch.sample_class)
        return bad_member(key, "must be synthetic, measured or corrected");
      return {};
    }
    return bad_member(
        key, "is not known here; known are samples, source, stream, epoch, sequence, class");
  }

  Status finish_head() {
    const int given =
        source_.has_value() + stream_.has_value() + epoch_.has_value() + sequence_.has_value();
    if (given == 0) return {};
    if (given != 4)
      return fail(ErrorCode::kInvalidArgument,
                  "A numbered body has all of source, stream, epoch and sequence (open the stream "
                  "first); an unnumbered one has none of them.",
                  "source");
    body_.batch.number = ReceivedBatch::Number{std::move(*source_), std::move(*stream_),
                                               static_cast<std::uint32_t>(*epoch_), *sequence_};
    return {};
  }

  // --- the samples ---

  Status read_samples(ondemand::value& value) {
    ondemand::array samples;
    if (const auto error = value.get_array().get(samples))
      return error == simdjson::INCORRECT_TYPE ? bad_member("samples", "must be an array")
                                               : broken(error);
    std::size_t row = 0;
    for (auto element : samples) {
      ondemand::value sample;
      if (const auto error = std::move(element).get(sample)) return broken(error);
      if (row == limits_.rows_max)
        return fail(
            ErrorCode::kTooLarge,
            fmt::format("A body may have at most {} samples; send several.", limits_.rows_max),
            "samples");
      TUNDISH_RETURN_IF_ERROR(read_sample(static_cast<std::uint32_t>(row++), sample));
    }
    return {};
  }

  enum Member : unsigned { kTag = 1, kTime = 2, kValue = 4, kQuality = 8, kType = 16 };

  struct RawSample {
    unsigned seen = 0;
    Scalar tag, time, value, quality, type;
  };

  Status read_sample(std::uint32_t row, ondemand::value& value) {
    ondemand::object members;
    if (const auto error = value.get_object().get(members)) {
      if (error != simdjson::INCORRECT_TYPE) return broken(error);
      body_.refuse(row, ErrorCode::kInvalidArgument,
                   "a sample is an object like {\"tag\",\"time\",\"value\"}");
      return {};
    }
    RawSample sample;
    std::optional<Reason> refusal;
    for (auto member : members) {
      ondemand::field field;
      if (const auto error = std::move(member).get(field)) return broken(error);
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) return broken(error);
      const auto [bit, slot] = slot_of(sample, key);
      if (slot == nullptr || (sample.seen & bit) != 0) {
        if (!refusal)
          refusal = Reason{ErrorCode::kInvalidArgument,
                           fmt::format("'{}' is {}", key.substr(0, 64),
                                       slot ? "there twice"
                                            : "not known in a sample; known are tag, "
                                              "time, value, quality, type")};
        continue;
      }
      sample.seen |= bit;
      ondemand::value content = field.value();
      TUNDISH_TRY(*slot, read_scalar(content));
    }
    if (!refusal) {
      TUNDISH_TRY(refusal, keep(row, sample));
    }
    if (refusal) body_.refuse(row, refusal->code, std::move(refusal->message));
    return {};
  }

  static std::pair<unsigned, Scalar*> slot_of(RawSample& sample, std::string_view key) {
    if (key == "tag") return {kTag, &sample.tag};
    if (key == "time") return {kTime, &sample.time};
    if (key == "value") return {kValue, &sample.value};
    if (key == "quality") return {kQuality, &sample.quality};
    if (key == "type") return {kType, &sample.type};
    return {0, nullptr};
  }

  /// Puts the sample into the batch, or says why not. Errors: kTooLarge for the whole body.
  Result<std::optional<Reason>> keep(std::uint32_t row, const RawSample& sample) {
    const auto* tag = std::get_if<std::string_view>(&sample.tag);
    if (tag == nullptr) return invalid("'tag' must be a string: the path of a tag");
    if (tag->size() > kPathBytesMax) return invalid("'tag' is longer than 1024 bytes");
    const Result<TimeNs> time = time_of(sample.time);
    if (!time) return Reason{time.error().code, time.error().message};
    Quality quality = kGood;
    if (!std::holds_alternative<Null>(sample.quality) && !read_quality(sample.quality, quality))
      return invalid("'quality' must be the name or the number of an OPC UA status code");
    std::optional<ValueType> type;
    if (!std::holds_alternative<Null>(sample.type)) {
      const auto* name = std::get_if<std::string_view>(&sample.type);
      const Result<ValueType> named = type_from_text(name ? *name : std::string_view());
      if (!named) return Reason{named.error().code, named.error().message};
      type = *named;
    }
    bool number_like = false;
    Result<Value> value = value_of(sample.value, type, number_like);
    if (!value) return Reason{value.error().code, std::move(value.error().message)};
    TUNDISH_TRY(const std::uint32_t path, paths_.index_of(*tag));
    if (number_like)
      body_.batch.number_like.push_back(static_cast<std::uint32_t>(body_.batch.rows.size()));
    body_.push_back(row, path, *time, *value, quality);
    return std::nullopt;
  }

  static Reason invalid(std::string message) {
    return {ErrorCode::kInvalidArgument, std::move(message)};
  }

  static Result<TimeNs> time_of(const Scalar& scalar) {
    if (const auto* text = std::get_if<std::string_view>(&scalar)) return parse_time(*text);
    if (const auto* number = std::get_if<NumberText>(&scalar)) return parse_time(number->text);
    return fail(ErrorCode::kInvalidArgument,
                "'time' must be ISO 8601 with a zone or integer nanoseconds");
  }

  static bool read_quality(const Scalar& scalar, Quality& quality) {
    if (const auto* text = std::get_if<std::string_view>(&scalar))
      return parse_quality(std::string(*text), quality);
    if (const auto* number = std::get_if<NumberText>(&scalar))
      return parse_quality(std::string(number->text), quality);
    return false;
  }

  static Result<Value> value_of(const Scalar& scalar, std::optional<ValueType> type,
                                bool& number_like) {
    if (const auto* text = std::get_if<std::string_view>(&scalar)) {
      number_like = !type && is_spelt_like_number(*text);
      return value_from_text(*text, type.value_or(ValueType::kString));
    }
    Result<Value> value =
        fail(ErrorCode::kInvalidArgument,
             "'value' must be a number, true, false or a string; a reading without "
             "a value is the string \"NaN\" with a Bad quality");
    if (const auto* flag = std::get_if<bool>(&scalar)) value = Value(*flag);
    if (const auto* number = std::get_if<NumberText>(&scalar)) value = parse_number(number->text);
    if (value && type) return convert_exact(*value, *type);
    return value;
  }

  // --- JSON ---

  /// A scalar; of an array or object only that it is one. Errors: what breaks the body.
  Result<Scalar> read_scalar(ondemand::value& value) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return broken(error);
    switch (type) {
      case ondemand::json_type::string: {
        std::string_view text;
        if (const auto error = value.get_string().get(text)) return broken(error);
        return Scalar(text);
      }
      case ondemand::json_type::boolean: {
        bool flag = false;
        if (const auto error = value.get_bool().get(flag)) return broken(error);
        return Scalar(flag);
      }
      case ondemand::json_type::number: {
        std::string_view token = value.raw_json_token();
        token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
        return Scalar(NumberText{token});
      }
      case ondemand::json_type::null: {
        bool null = false;
        if (const auto error = value.is_null().get(null)) return broken(error);
        return null ? Result<Scalar>(Null{}) : broken(simdjson::N_ATOM_ERROR);
      }
      default: return Scalar(NoScalar{});
    }
  }

  std::unexpected<Error> broken(simdjson::error_code code) const {
    Error error{ErrorCode::kInvalidArgument,
                fmt::format("This is not valid JSON: {}.", simdjson::error_message(code)),
                "body",
                {}};
    const char* at = nullptr;
    if (!document_->current_location().get(at) && at >= text_.data() &&
        at <= text_.data() + text_.size())
      error.offset = static_cast<std::uint64_t>(at - text_.data());
    return fail(std::move(error));
  }

  static std::unexpected<Error> bad_member(std::string_view key, std::string_view why) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' {}.", key.substr(0, 64), why),
                std::string(key.substr(0, 64)));
  }

  static constexpr std::size_t kNameBytesMax = 128;

  const BodyLimits& limits_;
  const std::string_view text_;
  ondemand::document* document_ = nullptr;
  DecodedBody body_;
  PathTable paths_{body_.batch.paths, limits_.paths_max};
  std::optional<std::string> source_, stream_;
  std::optional<std::uint64_t> epoch_, sequence_;
};

}  // namespace

Result<DecodedBody> decode_samples_json(std::string_view body, const BodyLimits& limits) {
  if (body.size() > limits.json_bytes_max)
    return fail(
        ErrorCode::kTooLarge,
        fmt::format("A JSON body may have at most {} bytes; send several, or CSV or binary.",
                    limits.json_bytes_max),
        "body");
  const simdjson::padded_string padded(body);
  ondemand::parser parser;
  ondemand::document document;
  if (const auto error = parser.iterate(padded).get(document))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("This is not valid JSON: {}.", simdjson::error_message(error)), "body");
  return BodyReader(limits, std::string_view(padded.data(), padded.size())).read(document);
}

}  // namespace tundish::wire
