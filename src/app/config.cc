#include "app/config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <functional>
#include <map>
#include <vector>

#include "base/nearest_word.h"

namespace tundish::app {
namespace {

class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  using Setters = std::map<std::string, std::function<Status(const YAML::Node&)>>;

  std::unexpected<Error> bad(const YAML::Node& node, std::string message) const {
    return fail(ErrorCode::kInvalidArgument, std::move(message),
                fmt::format("{}:{}:{}", file_, node.Mark().line + 1, node.Mark().column + 1));
  }

  Status map(const YAML::Node& node, std::string_view what, const Setters& setters) const {
    if (!node.IsMap()) return bad(node, fmt::format("{} is a list of `name: value`", what));
    for (const auto& entry : node) {
      const auto name = entry.first.as<std::string>("");
      const auto found = setters.find(name);
      if (found == setters.end()) {
        std::vector<std::string> known;
        for (const auto& setter : setters) known.push_back(setter.first);
        return bad(entry.first, fmt::format("there is no setting '{}' in {}; did you mean '{}'?",
                                            name, what, nearest_word(name, known)));
      }
      TUNDISH_RETURN_IF_ERROR(found->second(entry.second));
    }
    return {};
  }

  auto text(std::string& into) const {
    return [this, &into](const YAML::Node& node) -> Status {
      if (!node.IsScalar()) return bad(node, "a text is expected here");
      into = node.Scalar();
      return {};
    };
  }

  template <class T>
  auto number(T& into, std::uint64_t least, std::uint64_t most, std::uint64_t unit = 1) const {
    return [this, &into, least, most, unit](const YAML::Node& node) -> Status {
      std::uint64_t value = 0;
      const std::string& digits = node.IsScalar() ? node.Scalar() : std::string();
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (error != std::errc() || end != digits.data() + digits.size() || value < least ||
          value > most)
        return bad(node, fmt::format("a whole number from {} to {} is expected here", least, most));
      into = static_cast<T>(value * unit);
      return {};
    };
  }

 private:
  const std::string file_;
};

}  // namespace

Status parse_listen(const std::string& text, serve::HttpServer::Options& http) {
  const auto colon = text.rfind(':');
  const std::string port = colon == std::string::npos ? text : text.substr(colon + 1);
  std::string address = colon == std::string::npos ? "" : text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
  if (error != std::errc() || end != port.data() + port.size() || value > 65535)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is no address to listen on; write 127.0.0.1:8080", text),
                "--listen");
  http.port = static_cast<std::uint16_t>(value);
  if (!address.empty()) http.address = address == "localhost" ? "127.0.0.1" : address;
  return {};
}

Status read_config(const std::string& file, ServeConfig& config) {
  YAML::Node root;
  try {
    root = YAML::LoadFile(file);
  } catch (const YAML::BadFile&) {
    return fail(ErrorCode::kInvalidArgument, "the configuration file cannot be opened", file);
  } catch (const YAML::Exception& exception) {
    return fail(ErrorCode::kInvalidArgument, "this is not YAML: " + exception.msg,
                fmt::format("{}:{}:{}", file, exception.mark.line + 1, exception.mark.column + 1));
  }
  if (root.IsNull()) return {};
  const Reader reader(file);
  auto& http = config.http;
  auto& historian = config.platform.historian;
  auto& api = config.platform.api;
  try {
    return reader.map(
        root, "the file",
        {{"listen",
          [&](const YAML::Node& node) -> Status {
            const auto status = parse_listen(node.as<std::string>(""), http);
            return status ? status : Status(reader.bad(node, status.error().message));
          }},
         {"console", reader.text(api.console_folder)},
         {"public_origin", reader.text(api.public_origin)},
         {"tls",
          [&](const YAML::Node& node) {
            return reader.map(node, "tls",
                              {{"certificate", reader.text(http.tls_certificate)},
                               {"key", reader.text(http.tls_key)}});
          }},
         {"limits",
          [&](const YAML::Node& node) {
            return reader.map(
                node, "limits",
                {{"samples_body_mib", reader.number(api.samples_body_bytes_max, 1, 1024, 1 << 20)},
                 {"connections", reader.number(http.connections_max, 1, 100'000)},
                 {"workers", reader.number(http.workers, 1, 256)}});
          }},
         {"historian", [&](const YAML::Node& node) {
            return reader.map(
                node, "historian",
                {{"flush_minutes",
                  reader.number(historian.flush_age, 1, 1440, static_cast<std::uint64_t>(kMinute))},
                 {"head_mib", reader.number(historian.head_bytes_max, 1, 65536, 1 << 20)},
                 {"journal_mib", reader.number(historian.journal_bytes_max, 1, 65536, 1 << 20)},
                 {"segment_mib", reader.number(historian.segment_bytes, 2, 1024, 1 << 20)},
                 {"shards", reader.number(historian.shards, 1, 64)}});
          }}});
  } catch (const YAML::Exception& exception) {
    return fail(ErrorCode::kInvalidArgument, exception.msg,
                fmt::format("{}:{}:{}", file, exception.mark.line + 1, exception.mark.column + 1));
  }
}

}  // namespace tundish::app
