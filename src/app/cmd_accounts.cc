// tundish user, token, enterprise: accounts from the command line, as the owner of the data folder.
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "app/command.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::app {
namespace {

struct AccountOptions {
  Target target;
  std::string enterprise;
  std::string name;
  std::string role;
  std::string expires;
  std::string code, industry, region;
  std::uint64_t id = 0;
  bool may_create_tags = false;
  bool as_json = false;
};

using Options = std::shared_ptr<AccountOptions>;

std::string scope(const Options& options) {
  return options->enterprise.empty() ? "" : "?enterprise=" + url_encode(options->enterprise);
}

Result<std::string> ask(const Options& options, const Client::Call& call) {
  TUNDISH_TRY(const auto client, options->target.connect());
  return client->ask(call);
}

std::string text_of(const wire::JsonValue& object, std::string_view name) {
  const auto* value = object.find(name);
  if (value == nullptr || value->is_null()) return "-";
  if (value->string() != nullptr) return *value->string();
  if (value->boolean() != nullptr) return *value->boolean() ? "yes" : "no";
  if (value->integer() != nullptr) return std::to_string(*value->integer());
  return "?";
}

/// A list as a table of the named columns, or as the JSON that came.
int print_list(const Result<std::string>& answer, const Options& options, std::string_view list,
               std::initializer_list<std::string_view> columns) {
  if (!answer) return report(answer.error());
  if (options->as_json) {
    fmt::print("{}\n", *answer);
    return kDone;
  }
  const auto body = wire::parse_json(*answer, {.bytes_max = 64u << 20});
  const auto* rows = body ? body->find(list) : nullptr;
  if (rows == nullptr || rows->array() == nullptr) return kFailed;
  for (const auto column : columns) fmt::print("{:<24}", column);
  fmt::print("\n");
  for (const auto& row : *rows->array()) {
    for (const auto column : columns) fmt::print("{:<24}", text_of(row, column));
    fmt::print("\n");
  }
  return kDone;
}

/// A password typed twice without echo, or one line of standard input where there is no terminal.
Result<std::string> read_password() {
  std::string password;
  if (::isatty(STDIN_FILENO) == 0) {
    std::getline(std::cin, password);
    return password;
  }
  termios before{};
  ::tcgetattr(STDIN_FILENO, &before);
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &silent);
  std::string again;
  fmt::print(stderr, "Password: ");
  std::getline(std::cin, password);
  fmt::print(stderr, "\nAgain: ");
  std::getline(std::cin, again);
  fmt::print(stderr, "\n");
  ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
  if (password != again) return fail(ErrorCode::kInvalidArgument, "the two are not the same");
  return password;
}

int create_user(const Options& options) {
  const auto password = read_password();
  if (!password) return report(password.error());
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().member("name", options->name);
  json.member("role", options->role.empty() ? "platform-operator" : options->role.c_str());
  if (!password->empty()) json.member("password", *password);
  json.end_object();
  const auto answer =
      ask(options, {.method = "POST", .target = "/api/v1/users" + scope(options), .body = body});
  if (!answer) return report(answer.error());
  if (options->as_json) fmt::print("{}\n", *answer);
  fmt::print(stderr, "made user {}\n", options->name);
  return kDone;
}

int create_link(const Options& options) {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().member("user", options->name);
  if (!options->role.empty()) json.member("role", options->role);
  json.end_object();
  const auto answer =
      ask(options, {.method = "POST",
                    .target = "/api/v1/enterprises/" + url_encode(options->enterprise) + "/link",
                    .body = body});
  if (!answer) return report(answer.error());
  const auto link = wire::parse_json(*answer);
  fmt::print("{}\n", link ? text_of(*link, "link") : *answer);
  return kDone;
}

int create_token(const Options& options) {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().member("name", options->name).member("role", options->role);
  json.member("may_create_tags", options->may_create_tags);
  if (!options->expires.empty()) json.member("expires", options->expires);
  json.end_object();
  const auto answer =
      ask(options, {.method = "POST", .target = "/api/v1/tokens" + scope(options), .body = body});
  if (!answer) return report(answer.error());
  const auto made = wire::parse_json(*answer);
  if (options->as_json || !made)
    fmt::print("{}\n", *answer);
  else
    fmt::print("{}\n", text_of(*made, "secret"));
  fmt::print(stderr, "The secret is shown this once; the platform keeps only its hash.\n");
  return kDone;
}

int create_enterprise(const Options& options) {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().member("code", options->code);
  json.member("name", options->name.empty() ? options->code : options->name);
  json.member("industry", options->industry).member("region", options->region).end_object();
  const auto answer =
      ask(options, {.method = "POST", .target = "/api/v1/enterprises", .body = body});
  if (!answer) return report(answer.error());
  if (options->as_json) fmt::print("{}\n", *answer);
  fmt::print(stderr, "made enterprise {}\n", options->code);
  return kDone;
}

int remove(const Options& options, const std::string& kind) {
  const auto answer =
      ask(options, {.method = "DELETE",
                    .target = fmt::format("/api/v1/{}/{}{}", kind, options->id, scope(options))});
  return answer ? kDone : report(answer.error());
}

/// A sub-command with the options that all of these have.
CLI::App* add(CLI::App& group, const char* name, const char* help, const Options& options,
              Action& action, std::function<int(const Options&)> run) {
  auto* command = group.add_subcommand(name, help);
  options->target.add_to(*command, false);
  command->add_flag("--json", options->as_json, "As JSON");
  command->callback([&action, options, run = std::move(run)] {
    action = [options, run] { return run(options); };
  });
  return command;
}

CLI::Option* add_enterprise(CLI::App* command, const Options& options) {
  return command->add_option("--enterprise", options->enterprise, "Code of the enterprise")
      ->type_name("CODE");
}

}  // namespace

void add_account_commands(CLI::App& program, Action& action) {
  const auto options = std::make_shared<AccountOptions>();
  const char* roles = "viewer, operator, engineer or administrator";

  auto* user = program.add_subcommand("user", "People: create, link, list, remove");
  user->require_subcommand(1);
  user->footer(
      "Example: tundish user create --data ./data --enterprise steel-01 --name anna --role "
      "engineer");
  auto* command =
      add(*user, "create", "Adds a person; the password is typed, or read from standard input",
          options, action, create_user);
  add_enterprise(command, options);
  command->add_option("--name", options->name, "Name to sign in with")->required();
  command->add_option("--role", options->role, roles);
  command = add(*user, "link", "Makes a one-time link for a person to sign in with", options,
                action, create_link);
  add_enterprise(command, options)->required();
  command->add_option("--name", options->name, "Name of the user")->required();
  command->add_option("--role", options->role,
                      std::string("Invites somebody new as ") + roles +
                          "; without it the user must be there already");
  command = add(*user, "list", "Lists people", options, action, [](const Options& chosen) {
    return print_list(ask(chosen, {.target = "/api/v1/users" + scope(chosen)}), chosen, "users",
                      {"id", "name", "role", "enterprise", "disabled", "last_login"});
  });
  add_enterprise(command, options);
  command = add(*user, "remove", "Removes a person", options, action,
                [](const Options& chosen) { return remove(chosen, "users"); });
  add_enterprise(command, options);
  command->add_option("--id", options->id, "As `list` shows it")->required();

  auto* token = program.add_subcommand("token", "API tokens: create, list, remove");
  token->require_subcommand(1);
  token->footer(
      "Example: tundish token create --data ./data --enterprise steel-01 --role operator --name "
      "line-3 --may-create-tags");
  command = add(*token, "create", "Makes a token and prints its secret, once", options, action,
                create_token);
  add_enterprise(command, options)->required();
  command->add_option("--role", options->role, roles)->required();
  command->add_option("--name", options->name, "What it is for")->default_val("command line");
  command->add_flag("--may-create-tags", options->may_create_tags,
                    "Samples of unknown tags make them");
  command->add_option("--expires", options->expires, "A time, or now+90d");
  command = add(*token, "list", "Lists tokens", options, action, [](const Options& chosen) {
    return print_list(ask(chosen, {.target = "/api/v1/tokens" + scope(chosen)}), chosen, "tokens",
                      {"id", "name", "role", "enterprise", "expires", "last_used"});
  });
  add_enterprise(command, options);
  command = add(*token, "remove", "Withdraws a token at once", options, action,
                [](const Options& chosen) { return remove(chosen, "tokens"); });
  add_enterprise(command, options);
  command->add_option("--id", options->id, "As `list` shows it")->required();

  auto* enterprise = program.add_subcommand("enterprise", "Enterprises: create, list");
  enterprise->require_subcommand(1);
  enterprise->footer(
      "Example: tundish enterprise create --data ./data --code steel-01 --name 'Steel works' "
      "--industry steel");
  command = add(*enterprise, "create", "Makes an enterprise", options, action, create_enterprise);
  command->add_option("--code", options->code, "First level of its paths: [a-z0-9-], never changed")
      ->required();
  command->add_option("--name", options->name, "Its name");
  command->add_option("--industry", options->industry, "Name of its pack, for example steel");
  command->add_option("--region", options->region, "Where it is");
  add(*enterprise, "list", "Lists enterprises", options, action, [](const Options& chosen) {
    return print_list(ask(chosen, {.target = "/api/v1/enterprises"}), chosen, "enterprises",
                      {"code", "name", "industry", "region", "created"});
  });
}

}  // namespace tundish::app
