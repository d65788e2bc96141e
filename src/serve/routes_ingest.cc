#include <fmt/format.h>

#include "model/receipt_time.h"
#include "model/tag_path.h"
#include "serve/api.h"
#include "serve/gzip.h"
#include "wire/batch/batch.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"
#include "wire/lineprotocol/line_protocol.h"
#include "wire/samples/samples.h"

namespace tundish::serve {
namespace {

Origin origin_of(const Credential& credential) {
  Origin origin;
  origin.enterprise = *credential.enterprise;
  origin.enterprise_code = credential.enterprise_code;
  origin.source = "http/" + credential.actor;
  origin.may_create_tags = credential.may_create_tags || credential.role >= Role::kEngineer;
  return origin;
}

/// The stream that stands for who deletes in the versions of tombstones, opened once. Nothing else is
/// written under such a source, so no two of its tombstones need to be told apart.
Result<StreamState> deletes_stream(SampleSink& sink, EnterpriseId enterprise,
                                   const std::string& actor) {
  const std::string source = "delete/" + actor;
  const std::string stream = "delete";
  constexpr std::uint32_t kNewestEpoch = 0;
  auto known = sink.find_stream(enterprise, source, stream, kNewestEpoch);
  if (known || known.error().code != ErrorCode::kNotFound) return known;
  return sink.open_stream(enterprise, source, stream);
}

/// The body as sent or, with `Content-Encoding: gzip`, unpacked within the same limit.
Status unpack(Request& request, std::uint64_t bytes_max) {
  const std::string_view encoding = request.header("content-encoding");
  if (encoding.empty() || encoding == "identity") return {};
  if (encoding != "gzip" && encoding != "deflate")
    return fail(ErrorCode::kUnsupported, "the only content encoding here is gzip",
                "Content-Encoding");
  TUNDISH_TRY(request.body, gunzip(request.body, bytes_max));
  return {};
}

}  // namespace

void Api::add_ingest_routes() {
  const Needs senders = Needs::at_least(Role::kOperator);
  const std::uint64_t body_max = options_.samples_body_bytes_max;

  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/samples",
       .operation = "samples.post",
       .needs = senders,
       .summary =
           "Samples as JSON, text/csv or application/vnd.tundish.batch; answers after the sync.",
       .handler = [this, body_max](Call& call) -> Result<Response> {
         TUNDISH_RETURN_IF_ERROR(call.enterprise());
         TUNDISH_RETURN_IF_ERROR(unpack(call.request, body_max));
         const std::string_view type = call.request.header("content-type");
         const auto decode = [&]() -> Result<wire::DecodedBody> {
           if (type.starts_with("text/csv")) return wire::decode_samples_csv(call.request.body);
           if (type.starts_with("application/vnd.tundish.batch"))
             return wire::decode_batch(as_byte_span(call.request.body));
           return wire::decode_samples_json(call.request.body);
         };
         TUNDISH_TRY(auto decoded, decode());
         if (decoded.batch.sample_class == SampleClass::kCorrected &&
             call.credential.role < Role::kEngineer)
           return fail(
               ErrorCode::kPermissionDenied,
               "samples of class corrected hide what is measured: an engineer's token sends "
               "them, or POST /api/v1/entries enters values with who and why",
               "class");
         TUNDISH_TRY(auto receipt,
                     services_.door.receive(origin_of(call.credential), std::move(decoded.batch)));
         decoded.add_refusals(receipt);
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object()
             .member("accepted", receipt.accepted)
             .member("refused", decoded.refused);
         json.member("repeated", receipt.repeated).key("errors").begin_array();
         for (const auto& error : decoded.errors) {
           json.begin_object().member("index", error.place);
           json.member("code", error_code_name(error.code)).member("message", error.message);
           json.end_object();
         }
         json.end_array();
         if (!receipt.warnings.empty()) {
           json.key("warnings").begin_array();
           for (const std::string& warning : receipt.warnings) json.value(warning);
           json.end_array();
         }
         json.end_object();
         return json_response(std::move(text));
       },
       .body_bytes_max = body_max,
       .request_schema = "Samples",
       .response_schema = "Receipt"});

  router_.add({.method = "POST",
               .pattern = "/api/v1/streams",
               .operation = "streams.open",
               .needs = senders,
               .summary = "Opens a new epoch for a sender that numbers its batches.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_RETURN_IF_ERROR(call.enterprise());
                 TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
                 TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"source", "stream"}));
                 TUNDISH_TRY(const auto source, wire::required_member<std::string>(body, "source"));
                 TUNDISH_TRY(const auto stream, wire::required_member<std::string>(body, "stream"));
                 TUNDISH_TRY(const auto state, services_.door.open_stream(
                                                   origin_of(call.credential), source, stream));
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().member("source", source).member("stream", stream);
                 json.member("epoch", state.epoch).member("next_sequence", state.next_sequence);
                 json.end_object();
                 return json_response(std::move(text));
               },
               .body_bytes_max = 16 * 1024,
               .request_schema = "NewStream",
               .response_schema = "Stream"});

  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/samples/delete",
       .operation = "samples.delete",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Erases a range of tags by versioned tombstones; repeats cannot bring it back.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
         TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"tags", "from", "to", "corrections"}));
         TUNDISH_TRY(const auto names, wire::required_member<wire::JsonValue::Array>(body, "tags"));
         TUNDISH_TRY(const auto from_text, wire::required_member<std::string>(body, "from"));
         TUNDISH_TRY(const auto to_text, wire::required_member<std::string>(body, "to"));
         const TimeNs now = services_.clock.now();
         TUNDISH_TRY(const TimeNs from, parse_time(from_text, now));
         TUNDISH_TRY(const TimeNs to, parse_time(to_text, now));
         if (from >= to) return fail(ErrorCode::kInvalidArgument, "from must be before to", "from");
         // What is deleted stays so for all that is measured there later: not for what is to come.
         if (to > latest_allowed(now))
           return fail(
               ErrorCode::kFutureTime,
               fmt::format("{} is more than 24 h from now, and nothing that is received for "
                           "a deleted time is seen; delete until now",
                           format_time(to)),
               "to");
         TUNDISH_TRY(const auto corrections, wire::optional_member<bool>(body, "corrections"));
         if (names.empty())
           return fail(ErrorCode::kInvalidArgument, "tags names no tag to delete from", "tags");
         std::vector<Tombstone> tombstones;
         for (const auto& name : names) {
           const std::string path = name.string() != nullptr ? *name.string() : "";
           const TagPtr tag = services_.tags.find(enterprise, path);
           if (tag == nullptr)
             return fail(ErrorCode::kNotFound, fmt::format("there is no tag '{}'", path), "tags");
           Tombstone tombstone{tag->id, {from, to}, {}};
           // Above everything measured, whenever it comes, and below every correction; above those
           // that exist only when they were meant, too.
           tombstone.version.sample_class = SampleClass::kCorrected;
           tombstone.version.priority = corrections.value_or(false) ? 255 : 0;
           tombstones.push_back(tombstone);
         }
         TUNDISH_TRY(const auto stream,
                     deletes_stream(services_.sink, enterprise, call.credential.actor));
         for (Tombstone& tombstone : tombstones) {
           tombstone.version.source = stream.source;
           tombstone.version.stream = stream.stream;
           tombstone.version.epoch = stream.epoch;
           tombstone.version.sequence = stream.next_sequence;
         }
         call.audit_detail = fmt::format("{} tags, {} to {}", tombstones.size(), format_time(from),
                                         format_time(to));
         TUNDISH_TRY(const auto position, services_.sink.erase(std::move(tombstones)));
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object().member("position", std::to_string(position.value())).end_object();
         return json_response(std::move(text));
       },
       .body_bytes_max = 1 << 20,
       .request_schema = "SampleDelete",
       .response_schema = "Deleted",
       .audited = true});

  const auto write = [this, body_max](Call& call) -> Result<Response> {
    TUNDISH_RETURN_IF_ERROR(call.enterprise());
    TUNDISH_RETURN_IF_ERROR(unpack(call.request, body_max));
    TUNDISH_TRY(const auto precision,
                wire::parse_precision(call.request.parameter("precision").value_or("ns")));
    wire::LineProtocolOptions line_options;
    line_options.enterprise_code = call.credential.enterprise_code;
    line_options.precision = precision;
    line_options.received = services_.clock.now();
    TUNDISH_TRY(auto decoded, wire::decode_line_protocol(call.request.body, line_options));
    TUNDISH_TRY(auto receipt,
                services_.door.receive(origin_of(call.credential), std::move(decoded.batch)));
    decoded.add_refusals(receipt);
    Response response;
    response.status = 204;
    if (decoded.refused == 0) return response;
    std::string text;
    wire::JsonWriter json(text);
    json.begin_object().member("code", "invalid");
    json.member(
        "message",
        fmt::format("partial write: {} refused, the rest is stored; first: line {}: {}",
                    decoded.refused, decoded.errors.front().place, decoded.errors.front().message));
    json.member("accepted", receipt.accepted).member("refused", decoded.refused);
    json.key("errors").begin_array();
    for (const auto& error : decoded.errors)
      json.begin_object().member("line", error.place).member("message", error.message).end_object();
    json.end_array().end_object();
    return json_response(std::move(text), 400);
  };
  for (const std::string path : {"/write", "/api/v2/write"})
    router_.add(
        {.method = "POST",
         .pattern = path,
         .operation = path == "/write" ? "samples.write" : "samples.write2",
         .needs = senders,
         .summary = "InfluxDB line protocol: Telegraf and friends.",
         .handler = write,
         .body_bytes_max = body_max,
         .request_schema = "LineProtocol",
         .parameters = {{"precision", "query", "string", "ns, us, ms, s, m or h; default ns."}},
         .tokens_in = {"query:p", "basic"},
         .success = 204});

  // Telegraf asks for its database before it writes; there is nothing to make here.
  const auto statement = [](Call& call) -> Result<Response> {
    std::string text(call.request.parameter("q").value_or(""));
    if (text.empty() && call.request.body.starts_with("q="))
      percent_decode(std::string_view(call.request.body).substr(2), true, text);
    if (!text.starts_with("CREATE DATABASE") && !text.starts_with("create database"))
      return fail(ErrorCode::kInvalidArgument,
                  "only CREATE DATABASE is answered here; read with POST /api/v1/query", "q");
    return json_response(R"({"results":[{"statement_id":0}]})");
  };
  for (const std::string method : {"GET", "POST"})
    router_.add({.method = method,
                 .pattern = "/query",
                 .operation = method == "GET" ? "influx.query" : "influx.query_post",
                 .needs = senders,
                 .summary = "CREATE DATABASE, for Telegraf.",
                 .handler = statement,
                 .body_bytes_max = method == "GET" ? std::uint64_t{0} : std::uint64_t{64 * 1024},
                 .response_schema = "InfluxStatements",
                 .parameters = {{"q", "query", "string", "CREATE DATABASE name"}},
                 .tokens_in = {"query:p", "basic"}});
}

}  // namespace tundish::serve
