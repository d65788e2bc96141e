#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/platform.h"
#include "io/net.h"
#include "serve/http_server.h"
#include "wire/json/json_value.h"

namespace tundish::test {

/// How somebody shows who they are: by a token, by a session's cookie, as the owner of the data
/// folder, or not at all.
struct Caller {
  std::string token = {};
  std::string cookie = {};
  std::string csrf = {};  ///< sent with a session; empty: a page that does not know it
  bool owner = false;
};

struct Ask {
  std::string method = "GET";
  std::string target;  ///< path and query, encoded
  std::string body = {};
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< names in lower case
  std::string peer = "192.0.2.1";
};

struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  std::string header(std::string_view name) const;
  /// The body as JSON; a failure of the test when it is none.
  wire::JsonValue json() const;
};

/// A member by dotted path, array elements by number: `series.0.values`. Null when there is none.
const wire::JsonValue& at(const wire::JsonValue& value, std::string_view path);
std::string text_at(const wire::JsonValue& value, std::string_view path);
std::int64_t number_at(const wire::JsonValue& value, std::string_view path);

/// The whole platform on a temporary folder, with the enterprises `works-01` and `other-01`. Asked
/// without sockets, unless listen() was called. One thread asks.
class Installation {
 public:
  Installation();
  ~Installation();
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  app::Platform& platform() { return *platform_; }
  serve::Api& api() { return platform_->api(); }
  EnterpriseId enterprise(std::string_view code);

  /// A new API token; an empty code with the platform operator's role is for the installation.
  Caller token(std::string_view enterprise_code, Role role, bool may_create_tags = false);
  /// Signs a user in by a one-time link, making the user if need be.
  Caller session(std::string_view enterprise_code, Role role, const std::string& user);
  static Caller owner() { return {.owner = true}; }

  serve::Request request(const Caller& caller, const Ask& ask) const;
  Answer ask(const Caller& caller, const Ask& ask);
  Answer get(const Caller& caller, std::string target) {
    return ask(caller, {.target = std::move(target)});
  }
  Answer post(const Caller& caller, std::string target, std::string body) {
    return ask(caller, {.method = "POST", .target = std::move(target), .body = std::move(body)});
  }

  /// Serves on a free port of the loopback interface until the end.
  io::Address listen(serve::HttpServer::Options options = {});

 private:
  std::string folder_;
  int tokens_made_ = 0;  ///< names of tokens are unique in an enterprise
  std::unique_ptr<app::Platform> platform_;
  std::unique_ptr<serve::HttpServer> http_;
};

/// Tests share one installation per suite: opening one costs more than most of them.
class InstallationTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { shared_ = std::make_unique<Installation>(); }
  static void TearDownTestSuite() { shared_.reset(); }
  Installation& here() { return *shared_; }
  static Installation& shared() { return *shared_; }

 private:
  static inline std::unique_ptr<Installation> shared_;
};

}  // namespace tundish::test
