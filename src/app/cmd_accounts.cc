// tundish user, token, enterprise: accounts from the command line, as the owner of the data folder.
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "app/command.h"
#include "model/ports/credential.h"
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
  // Said before a password is asked for.
  const bool of_installation = options->role == role_name(Role::kPlatformOperator);
  if (options->enterprise.empty() && !of_installation)
    return report({ErrorCode::kInvalidArgument,
                   "say --enterprise CODE; only a platform-operator has none", "--enterprise"});
  const auto password = read_password();
  if (!password) return report(password.error());
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().member("name", options->name).member("role", options->role);
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

/// Adds sub-commands to one group. Each has options of its own: what one sets by default, another must
/// not find.
class Group {
 public:
  Group(CLI::App& program, const char* name, const char* help, Action& action)
      : group_(*program.add_subcommand(name, help)), action_(action) {
    group_.require_subcommand(1);
  }

  struct Command {
    CLI::App* app;
    Options options;

    CLI::Option* enterprise() const {
      return app->add_option("--enterprise", options->enterprise, "Code of the enterprise")
          ->type_name("CODE");
    }
    CLI::Option* name(const char* help) const {
      return app->add_option("--name", options->name, help);
    }
    CLI::Option* role(const std::string& help) const {
      return app->add_option("--role", options->role, help);
    }
    void id() const { app->add_option("--id", options->id, "As `list` shows it")->required(); }
  };

  /// `example`: what follows `tundish GROUP NAME --data ./data`.
  Command add(const char* name, const char* help, const std::string& example,
              std::function<int(const Options&)> run) {
    Command command{group_.add_subcommand(name, help), std::make_shared<AccountOptions>()};
    command.options->target.add_to(*command.app, false);
    command.app->add_flag("--json", command.options->as_json, "As JSON");
    command.app->footer(fmt::format("Example: tundish {} {} --data ./data{}{}", group_.get_name(),
                                    name, example.empty() ? "" : " ", example));
    command.app->callback(
        [this_action = &action_, options = command.options, run = std::move(run)] {
          *this_action = [options, run] { return run(options); };
        });
    return command;
  }

 private:
  CLI::App& group_;
  Action& action_;
};

constexpr const char* kRoles = "viewer, operator, engineer or administrator";

void add_user_commands(CLI::App& program, Action& action) {
  Group group(program, "user", "People: create, link, list, remove", action);
  auto command =
      group.add("create", "Adds a person; the password is typed, or read from standard input",
                "--enterprise steel-01 --name anna --role engineer", create_user);
  command.options->target.may_make_folder = true;  // the first operator, before the first start
  command.enterprise();
  command.name("Name to sign in with")->required();
  command.role(std::string(kRoles) + "; without an enterprise platform-operator")->required();
  command = group.add("link", "Makes a one-time link for a person to sign in with",
                      "--enterprise steel-01 --name anna", create_link);
  command.enterprise()->required();
  command.name("Name of the user")->required();
  command.role(std::string("Invites somebody new as ") + kRoles +
               "; without it the user must be there already");
  command = group.add("list", "Lists people", "--enterprise steel-01", [](const Options& chosen) {
    return print_list(ask(chosen, {.target = "/api/v1/users" + scope(chosen)}), chosen, "users",
                      {"id", "name", "role", "enterprise", "disabled", "last_login"});
  });
  command.enterprise();
  command = group.add("remove", "Removes a person", "--enterprise steel-01 --id 7",
                      [](const Options& chosen) { return remove(chosen, "users"); });
  command.enterprise();
  command.id();
}

void add_token_commands(CLI::App& program, Action& action) {
  Group group(program, "token", "API tokens: create, list, remove", action);
  auto command = group.add("create", "Makes a token and prints its secret, once",
                           "--enterprise steel-01 --role operator --name line-3 --may-create-tags",
                           create_token);
  command.enterprise()->required();
  command.role(kRoles)->required();
  command.name("What it is for")->default_val("command line");
  command.app->add_flag("--may-create-tags", command.options->may_create_tags,
                        "Samples of unknown tags make them");
  command.app->add_option("--expires", command.options->expires, "A time, or now+90d");
  command = group.add("list", "Lists tokens", "--enterprise steel-01", [](const Options& chosen) {
    return print_list(ask(chosen, {.target = "/api/v1/tokens" + scope(chosen)}), chosen, "tokens",
                      {"id", "name", "role", "enterprise", "expires", "last_used"});
  });
  command.enterprise();
  command = group.add("remove", "Withdraws a token at once", "--enterprise steel-01 --id 7",
                      [](const Options& chosen) { return remove(chosen, "tokens"); });
  command.enterprise();
  command.id();
}

void add_enterprise_commands(CLI::App& program, Action& action) {
  Group group(program, "enterprise", "Enterprises: create, list", action);
  auto command =
      group.add("create", "Makes an enterprise",
                "--code steel-01 --name 'Steel works' --industry steel", create_enterprise);
  command.options->target.may_make_folder = true;
  CLI::App& app = *command.app;
  app.add_option("--code", command.options->code,
                 "First level of its paths: [a-z0-9-], never changed")
      ->required();
  command.name("Its name; default its code");
  app.add_option("--industry", command.options->industry, "Name of its pack, for example steel");
  app.add_option("--region", command.options->region, "Where it is");
  group.add("list", "Lists enterprises", "", [](const Options& chosen) {
    return print_list(ask(chosen, {.target = "/api/v1/enterprises"}), chosen, "enterprises",
                      {"code", "name", "industry", "region", "created"});
  });
}

}  // namespace

void add_account_commands(CLI::App& program, Action& action) {
  add_user_commands(program, action);
  add_token_commands(program, action);
  add_enterprise_commands(program, action);
}

}  // namespace tundish::app
