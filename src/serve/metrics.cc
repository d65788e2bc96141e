#include "serve/metrics.h"

#include <fmt/format.h>

#include <map>

namespace tundish::serve {
namespace {

/// A label's value: backslash, quote and line feed escaped.
std::string label(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\\' || c == '"') escaped += '\\';
    if (c == '\n')
      escaped += "\\n";
    else
      escaped += c;
  }
  return escaped;
}

class Text {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    suffix_ = type == "counter" ? "_total" : "";
    out_ += fmt::format("# TYPE {} {}\n# HELP {} {}\n", name, type, name, help);
  }
  template <class T>
  void value(T number, std::string_view labels = {}) {
    if (labels.empty())
      out_ += fmt::format("{}{} {}\n", name_, suffix_, number);
    else
      out_ += fmt::format("{}{}{{{}}} {}\n", name_, suffix_, labels, number);
  }
  template <class T>
  void one(std::string_view name, std::string_view type, std::string_view help, T number) {
    family(name, type, help);
    value(number);
  }
  std::string take() && { return std::move(out_) + "# EOF\n"; }

 private:
  std::string out_, name_, suffix_;
};

}  // namespace

std::string metrics_text(const Services& services, const Rates& rates, std::size_t live_clients) {
  const HistorianStatus status = services.historian.status();
  Text text;
  text.one("tundish_historian_samples_appended", "counter", "Samples journaled since the start.",
           status.samples_appended);
  text.one("tundish_historian_batches_appended", "counter", "Batches journaled since the start.",
           status.batches_appended);
  text.one("tundish_historian_syncs", "counter", "Calls of fdatasync on the journal.",
           status.syncs);
  text.one("tundish_historian_sync_seconds", "counter", "Time spent in them.",
           static_cast<double>(status.sync_ns_total) / 1e9);
  text.one("tundish_historian_sync_seconds_max", "gauge", "The longest of them.",
           static_cast<double>(status.sync_ns_max) / 1e9);
  text.one("tundish_historian_refused_disk_full", "counter", "Batches refused for want of space.",
           status.refused_disk_full);
  text.one("tundish_historian_head_samples", "gauge", "Samples in memory.", status.head_samples);
  text.one("tundish_historian_head_bytes", "gauge", "Memory they take.", status.head_bytes);
  text.one("tundish_historian_journal_bytes", "gauge", "Journal files.", status.journal_bytes);
  text.one("tundish_historian_blocks", "gauge", "Block files.", status.blocks);
  text.one("tundish_historian_block_bytes", "gauge", "Their size.", status.block_bytes);
  text.one("tundish_historian_damage", "gauge", "Damaged places found since the start.",
           status.damage.size());
  if (const auto free = services.disk.free_bytes())
    text.one("tundish_disk_free_bytes", "gauge", "Free space for the data folder.", *free);
  text.one("tundish_live_clients", "gauge", "Open live WebSockets.", live_clients);

  const DoorCounters door = services.door.counters();
  text.one("tundish_ingest_batches", "counter", "Batches received since the start.", door.batches);
  text.one("tundish_ingest_batches_repeated", "counter",
           "Numbered ones that had been stored before.", door.batches_repeated);
  text.one("tundish_ingest_batches_failed", "counter", "Batches answered with an error.",
           door.batches_failed);
  text.one("tundish_ingest_samples_accepted", "counter", "Samples accepted since the start.",
           door.rows_accepted);
  text.family("tundish_ingest_samples_refused", "counter",
              "Samples refused, by the reason's code.");
  for (const auto& [code, count] : door.rows_refused)
    text.value(count, fmt::format("code=\"{}\"", error_code_name(code)));
  text.value(door.rows_unreadable, "code=\"Unreadable\"");
  text.one("tundish_ingest_in_flight_bytes", "gauge", "Batches on their way to disk.",
           door.in_flight_bytes);

  const auto enterprises = services.enterprises.enterprises();
  struct Sum {
    std::uint64_t accepted = 0, refused = 0, repeated = 0;
  };
  std::map<std::string, Sum> sums;
  for (const auto& enterprise : enterprises) {
    Sum& sum = sums[enterprise.code];
    for (const auto& row : services.ledger.rows(enterprise.id, {})) {
      sum.accepted += row.accepted;
      sum.refused += row.refused;
      sum.repeated += row.repeated;
    }
  }
  const auto per_enterprise = [&](std::string_view name, std::string_view help, auto field) {
    text.family(name, "gauge", help);
    for (const auto& [code, sum] : sums)
      text.value(field(sum), fmt::format("enterprise=\"{}\"", label(code)));
  };
  per_enterprise("tundish_ledger_accepted", "Samples accepted, as far back as the ledger reaches.",
                 [](const Sum& sum) { return sum.accepted; });
  per_enterprise("tundish_ledger_refused", "Samples refused.",
                 [](const Sum& sum) { return sum.refused; });
  per_enterprise("tundish_ledger_repeated", "Samples of batches that had come before.",
                 [](const Sum& sum) { return sum.repeated; });
  text.family("tundish_samples_per_second", "gauge", "Samples accepted, mean of ten seconds.");
  for (const auto& enterprise : enterprises)
    text.value(rates.per_second(enterprise.id),
               fmt::format("enterprise=\"{}\"", label(enterprise.code)));
  text.family("tundish_tags", "gauge", "Tags.");
  for (const auto& enterprise : enterprises)
    text.value(services.tags.count(enterprise.id),
               fmt::format("enterprise=\"{}\"", label(enterprise.code)));
  return std::move(text).take();
}

}  // namespace tundish::serve
