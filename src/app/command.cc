#include "app/command.h"

#include <cstdio>

#include "app/data_folder.h"

namespace tundish::app {

int report(const Error& error) {
  std::fprintf(stderr, "tundish: %s\n", error.to_string().c_str());
  return error.code == ErrorCode::kInvalidArgument ? kWrongUsage : kFailed;
}

void Target::add_to(CLI::App& command, bool with_server) {
  auto* data_option =
      command.add_option("--data", data, "The data folder, as its owner")->type_name("DIR");
  if (!with_server) {
    data_option->required();
    return;
  }
  auto* server_option =
      command
          .add_option("--server", server, "A running platform, for example http://127.0.0.1:8080")
          ->type_name("URL");
  command.add_option("--token", token, "API token for --server")
      ->type_name("TOKEN")
      ->envname("TUNDISH_TOKEN");
  data_option->excludes(server_option);
}

Result<std::unique_ptr<Client>> Target::connect() const {
  if (!server.empty()) {
    if (token.empty())
      return fail(ErrorCode::kInvalidArgument,
                  "--server needs an API token: --token or the environment variable TUNDISH_TOKEN; "
                  "make one with `tundish token create`",
                  "--token");
    return connect_to_url(server, token);
  }
  if (data.empty())
    return fail(ErrorCode::kInvalidArgument, "say where: --data DIR or --server URL", "--data");
  // Whoever only asks must not turn any folder into one of ours.
  if (!may_make_folder) TUNDISH_RETURN_IF_ERROR(check_data_folder(data));
  return connect_to_folder(data);
}

}  // namespace tundish::app
