#include <fmt/format.h>

#include <cstdio>
#include <limits>
#include <vector>

#include "app/command.h"
#include "model/tag_path.h"
#include "wire/json/json_writer.h"

namespace tundish::app {
namespace {

struct QueryOptions {
  Target target;
  std::vector<std::string> tags;
  std::string from = "now-1h";
  std::string to = "now";
  std::string every;
  std::string aggregate;
  std::string format = "csv";
  std::size_t limit = 0;
  bool as_received = false;
};

std::string body_of(const QueryOptions& options) {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().key("tags").begin_array();
  for (const auto& tag : options.tags) json.value(tag);
  json.end_array().member("from", options.from).member("to", options.to);
  if (!options.every.empty() || !options.aggregate.empty()) {
    json.member("mode", "aggregate");
    if (!options.every.empty()) json.member("every", options.every);
    json.member("aggregate", options.aggregate.empty() ? "TimeAverage" : options.aggregate);
  } else if (options.limit > 0) {
    json.member("limit", options.limit);
  }
  if (options.as_received) json.member("as_received", true);
  json.end_object();
  return body;
}

int run(const QueryOptions& options) {
  const std::string enterprise(enterprise_of(options.tags.front()));
  for (const auto& tag : options.tags)
    if (enterprise_of(tag) != enterprise)
      return report(
          {ErrorCode::kInvalidArgument, "all tags of a query belong to one enterprise", "--tag"});
  const auto client = options.target.connect();
  if (!client) return report(client.error());
  Client::Call call;
  call.method = "POST";
  call.target = "/api/v1/query";
  // The owner of a data folder names the enterprise; a token has its own.
  if (options.target.server.empty()) call.target += "?enterprise=" + url_encode(enterprise);
  call.body = body_of(options);
  call.accept = options.format == "csv" ? "text/csv" : "application/json";
  const auto answer = (*client)->ask(call, [](std::string_view piece) {
    return std::fwrite(piece.data(), 1, piece.size(), stdout) == piece.size();
  });
  if (!answer) return report(answer.error());
  return std::fflush(stdout) == 0 ? kDone : kFailed;
}

}  // namespace

void add_query_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("query", "Prints samples or aggregates of tags");
  command->footer(
      "TAG is a path or a glob: steel-01/works/*/bf1/hot_blast_temp, steel-01/**/power\n"
      "Example: tundish query 'steel-01/**/hot_blast_temp' --data ./data --from now-8h --every "
      "15min\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage");
  const auto options = std::make_shared<QueryOptions>();
  command->add_option("TAG", options->tags, "Paths or globs")->required();
  options->target.add_to(*command, true);
  command->add_option("--from", options->from, "First time: ISO 8601 with a zone, ns, or now-8h")
      ->capture_default_str();
  command->add_option("--to", options->to, "Before this time")->capture_default_str();
  command->add_option("--every", options->every,
                      "Aggregate over intervals of this length: 1min, 1h");
  command->add_option(
      "--aggregate", options->aggregate,
      "OPC UA name: TimeAverage (default), Minimum, Maximum, Count, PercentGood, ...");
  command->add_option("--limit", options->limit, "At most so many raw samples a tag (JSON)")
      ->check(CLI::Range(std::size_t{1}, std::numeric_limits<std::size_t>::max() >> 1))
      ->type_name("COUNT");
  command->add_option("--format", options->format, "csv or json")
      ->check(CLI::IsMember({"csv", "json"}))
      ->capture_default_str();
  command->add_flag("--as-received", options->as_received,
                    "The source's own status, valid ranges of the model not applied");
  command->add_flag_callback("--json", [options] { options->format = "json"; }, "As --format json");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace tundish::app
