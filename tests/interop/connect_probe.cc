// connect_probe FOLDER: the connect stage alone, with everything it delivers kept in memory. The quick form of the
// interop tests talks to it by lines on stdin, words separated by tabs; each is answered by one line of JSON.
//
//   connect URL POLICY MODE USER PASSWORD COUNT SAMPLING_MS   Item0.., SetPoint and Shaky of urn:interop:plant
//   trust FINGERPRINT
//   status                                                    the connection's status
//   unresumed                                                 items that have not proven themselves, with their codes
//   newest                                                    newest sample of each path: [path, time ns, value, quality]
//   marks                                                     how many BadNoCommunication samples each path has: least, most
//   browse NAMESPACE_URI IDENTIFIER
//   endpoints URL

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "connect/manager.h"
#include "connect/test_memory.h"
#include "model/quality.h"

namespace {

using namespace tundish;

constexpr EnterpriseId kWorks{1};

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + '"';
}

std::string error_json(const Error& error) {
  return fmt::format("{{\"error\":{}}}", quoted(error.to_string()));
}

class Probe {
 public:
  explicit Probe(io::Disk& disk)
      : manager_(store_, door_, catalogue_, enterprises_, disk, io::real_clock(),
                 io::real_random()) {}

  Status start() { return manager_.start(); }
  void stop() { manager_.stop(); }

  std::string answer(const std::vector<std::string>& words) {
    const std::string& verb = words[0];
    if (verb == "connect" && words.size() == 8) return connect(words);
    if (verb == "trust" && words.size() == 2) return trust(words[1]);
    if (verb == "status") return status();
    if (verb == "unresumed") return unresumed();
    if (verb == "newest") return newest();
    if (verb == "marks") return marks();
    if (verb == "browse" && words.size() == 3) return browse(words[1], words[2]);
    if (verb == "endpoints" && words.size() == 2) return endpoints(words[1]);
    return R"({"error":"unknown command"})";
  }

 private:
  /// In place of the connection before: its tags are free for this one.
  std::string connect(const std::vector<std::string>& words) {
    if (id_ != 0) {
      if (const auto removed = manager_.remove(kWorks, id_); !removed)
        return error_json(removed.error());
      id_ = 0;
      paths_.clear();
    }
    ConnectionConfig config;
    config.enterprise = kWorks;
    config.name = "interop";
    config.endpoint = words[1];
    config.security_policy = words[2];
    config.security_mode = words[3];
    config.user = words[4];
    config.password = words[5];
    const int count = std::stoi(words[6]);
    for (int number = 0; number < count; ++number)
      add(config, fmt::format("Item{}", number), words[7]);
    add(config, "SetPoint", words[7]);
    add(config, "Shaky", words[7]);
    const auto saved = manager_.save(config);
    if (!saved) return error_json(saved.error());
    id_ = saved->id;
    return fmt::format("{{\"id\":{}}}", id_);
  }

  void add(ConnectionConfig& config, const std::string& name, const std::string& sampling_ms) {
    ConnectionItem item;
    item.namespace_uri = "urn:interop:plant";
    item.identifier = "s=" + name;
    item.path = "works/interop/" + name;
    item.sampling_ms = static_cast<std::uint32_t>(std::stoul(sampling_ms));
    paths_.push_back(item.path);
    config.items.push_back(std::move(item));
  }

  std::string trust(const std::string& fingerprint) {
    const auto done = manager_.trust(kWorks, id_, fingerprint);
    return done ? "{}" : error_json(done.error());
  }

  std::string status() {
    const auto status = manager_.status(kWorks, id_);
    if (!status) return error_json(status.error());
    return fmt::format(
        R"({{"state":{},"message":{},"presented_fingerprint":{},"server_subject":{},"reconnects":{},)"
        R"("values":{},"dropped":{},"items_total":{},"items_resumed":{}}})",
        quoted(connection_state_name(status->state)), quoted(status->message),
        quoted(status->presented_fingerprint), quoted(status->server_subject), status->reconnects,
        status->values, status->dropped, status->items_total, status->items_resumed);
  }

  std::string unresumed() {
    const auto items = manager_.items(kWorks, id_);
    if (!items) return error_json(items.error());
    std::string list;
    for (const ItemStatus& item : *items)
      if (!item.resumed)
        list += fmt::format("{}[{},{}]", list.empty() ? "" : ",", quoted(item.path),
                            quoted(quality_name(item.status)));
    return fmt::format("{{\"items\":[{}]}}", list);
  }

  std::string newest() {
    std::string list;
    for (const std::string& path : paths_) {
      const auto samples = door_.samples(path);
      const Sample* last = nullptr;
      for (const Sample& sample : samples)
        if (last == nullptr || sample.time >= last->time) last = &sample;
      if (last == nullptr) continue;
      const auto* number = std::get_if<double>(&last->value);
      list += fmt::format("{}[{},\"{}\",{},{}]", list.empty() ? "" : ",", quoted(path), last->time,
                          number == nullptr ? 0.0 : *number, quoted(quality_name(last->quality)));
    }
    return fmt::format("{{\"samples\":[{}]}}", list);
  }

  std::string marks() {
    std::size_t least = SIZE_MAX;
    std::size_t most = 0;
    for (const std::string& path : paths_) {
      std::size_t count = 0;
      for (const Sample& sample : door_.samples(path))
        if (sample.quality == kBadNoCommunication) ++count;
      least = std::min(least, count);
      most = std::max(most, count);
    }
    return fmt::format("{{\"least\":{},\"most\":{}}}", least, most);
  }

  std::string browse(const std::string& namespace_uri, const std::string& identifier) {
    const auto nodes = manager_.browse(kWorks, id_, namespace_uri, identifier);
    if (!nodes) return error_json(nodes.error());
    std::string list;
    for (const BrowseNode& node : *nodes)
      list += fmt::format("{}[{},{},{},{}]", list.empty() ? "" : ",", quoted(node.namespace_uri),
                          quoted(node.identifier), quoted(node.display_name),
                          node.type ? quoted(value_type_name(*node.type)) : "null");
    return fmt::format("{{\"nodes\":[{}]}}", list);
  }

  std::string endpoints(const std::string& url) {
    const auto endpoints = manager_.endpoints(kWorks, url);
    if (!endpoints) return error_json(endpoints.error());
    std::string list;
    for (const EndpointInfo& endpoint : *endpoints)
      list += fmt::format("{}[{},{},{}]", list.empty() ? "" : ",", quoted(endpoint.security_policy),
                          quoted(endpoint.security_mode), quoted(endpoint.fingerprint));
    return fmt::format("{{\"endpoints\":[{}]}}", list);
  }

  connect::MemoryDoor door_;
  connect::MemoryCatalogue catalogue_;
  connect::MemoryStore store_;
  connect::TwoEnterprises enterprises_;
  connect::ConnectionManager manager_;
  std::vector<std::string> paths_;
  std::uint64_t id_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: connect_probe FOLDER\n";
    return 2;
  }
  const auto disk = io::open_real_disk(argv[1]);
  if (!disk) {
    std::cerr << disk.error().to_string() << '\n';
    return 1;
  }
  Probe probe(**disk);
  if (const auto started = probe.start(); !started) {
    std::cerr << started.error().to_string() << '\n';
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);) {
    std::vector<std::string> words;
    std::size_t begin = 0;
    while (true) {
      const std::size_t tab = line.find('\t', begin);
      words.push_back(line.substr(begin, tab - begin));
      if (tab == std::string::npos) break;
      begin = tab + 1;
    }
    std::cout << probe.answer(words) << std::endl;
  }
  probe.stop();
  return 0;
}
