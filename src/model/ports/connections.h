#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/quality.h"
#include "model/value.h"

namespace tundish {

/// One thing to read at an OPC UA server. Namespaces by URI: indexes change when a server restarts.
struct ConnectionItem {
  std::string namespace_uri;
  std::string identifier;  ///< `i=2258`, `s=Line1.Temp`, `g=...`, `b=...`
  std::string path;        ///< full tag path
  std::uint32_t sampling_ms = 1000;
  std::optional<ValueType> type;  ///< none: from the first value
  bool step = false;
  std::string unit;
  std::string description;
};

/// How to reach one piece of equipment. Of the secrets only `password` is kept, encrypted at rest
/// is later work; it never leaves by the API.
struct ConnectionConfig {
  std::uint64_t id = 0;  ///< 0: a new one
  EnterpriseId enterprise;
  std::string name;
  std::string kind = "opcua";
  std::string endpoint;  ///< `opc.tcp://host:4840/path`
  std::string security_policy =
      "Basic256Sha256";  ///< None Basic256Sha256 Aes128_Sha256_RsaOaep Aes256_Sha256_RsaPss
  std::string security_mode = "SignAndEncrypt";  ///< None, Sign, SignAndEncrypt
  std::string user;
  std::string password;
  std::string trusted_fingerprint;  ///< SHA-256 of the server's certificate, hex; empty: none yet
  std::uint32_t publishing_ms = 250;
  bool enabled = true;
  bool simulated = false;  ///< its tags are marked as simulated
  std::vector<ConnectionItem> items;
};

enum class ConnectionState : std::uint8_t {
  kDisabled,
  kConnecting,
  kUntrusted,  ///< waits for a person to compare and confirm the fingerprint
  kConnected,  ///< session up, some items not resumed
  kRunning,    ///< every item has a value later than the connect
  kFailed,     ///< will be tried again; `message` says why
};
std::string_view connection_state_name(ConnectionState state);  ///< `disabled`, `connecting`, ...

struct ItemStatus {
  std::string path;
  bool resumed = false;  ///< a value or a successful Read since the last connect
  Quality status = kBadWaitingForInitialData;
  TimeNs last_value = 0;  ///< source time
};

struct ConnectionStatus {
  std::uint64_t id = 0;
  ConnectionState state = ConnectionState::kConnecting;
  std::string message;                ///< one sentence for a person
  std::string presented_fingerprint;  ///< of the certificate the server showed last
  std::string server_subject;         ///< its subject, for the person who compares
  TimeNs since = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t values = 0;
  std::uint64_t dropped = 0;  ///< values lost because the historian refused for too long
  std::size_t items_total = 0;
  std::size_t items_resumed = 0;
};

struct BrowseNode {
  std::string namespace_uri;
  std::string identifier;
  std::string browse_name;
  std::string display_name;
  bool has_children = false;
  bool is_variable = false;
  std::optional<ValueType> type;  ///< of a variable whose data type can be kept
  std::string unit;               ///< UCUM or the server's display name, when it says
  bool step = false;  ///< as the server's HistoricalDataConfiguration says, else by type
};

struct EndpointInfo {
  std::string url;
  std::string security_policy;
  std::string security_mode;
  std::string fingerprint;
  std::string subject;
  std::vector<std::string> user_tokens;  ///< `anonymous`, `username`, `certificate`
};

/// Connections to equipment, run by the connect stage. Any thread. What belongs to another
/// enterprise answers kNotFound.
class Connections {
 public:
  virtual ~Connections() = default;
  virtual std::vector<ConnectionConfig> list(EnterpriseId enterprise) const = 0;
  virtual Result<ConnectionConfig> get(EnterpriseId enterprise, std::uint64_t id) const = 0;
  /// Saves and (re)starts it. Errors: kInvalidArgument with the field in `where`, kInUse when
  /// another enabled connection feeds the tag of an item, kQuotaExceeded.
  virtual Result<ConnectionConfig> save(ConnectionConfig config) = 0;
  virtual Status remove(EnterpriseId enterprise, std::uint64_t id) = 0;
  virtual Result<ConnectionStatus> status(EnterpriseId enterprise, std::uint64_t id) const = 0;
  virtual Result<std::vector<ItemStatus>> items(EnterpriseId enterprise,
                                                std::uint64_t id) const = 0;
  /// Confirms the certificate that the server showed; kConflict if `fingerprint` is not that one.
  virtual Status trust(EnterpriseId enterprise, std::uint64_t id,
                       const std::string& fingerprint) = 0;

  /// Asks a server for its endpoints, without a session. Blocks up to 10 s.
  /// Errors: kUnavailable, kTimeout, kRemote (with the status code), kOverloaded when too many wait for
  /// answers of servers already.
  virtual Result<std::vector<EndpointInfo>> endpoints(EnterpriseId enterprise,
                                                      const std::string& url) = 0;
  /// Children of a node (empty identifier: the Objects folder). Blocks up to 10 s, without a session
  /// twice as long. Errors: as endpoints.
  virtual Result<std::vector<BrowseNode>> browse(EnterpriseId enterprise, std::uint64_t id,
                                                 const std::string& namespace_uri,
                                                 const std::string& identifier) = 0;

  /// The connection that feeds the tag of this path; none when no enabled one has an item for it.
  struct Feeder {
    std::uint64_t id = 0;
    std::string name;
  };
  virtual std::optional<Feeder> feeder(EnterpriseId enterprise, std::string_view path) const = 0;

  struct Totals {
    std::size_t connections = 0;
    std::size_t running = 0;
  };
  virtual Totals totals(EnterpriseId enterprise) const = 0;
};

/// Where connection settings are kept (metadata store).
class ConnectionStore {
 public:
  virtual ~ConnectionStore() = default;
  virtual std::vector<ConnectionConfig> load_all() const = 0;
  virtual Result<ConnectionConfig> save(ConnectionConfig config) = 0;  ///< id 0: a new one
  virtual Status remove(EnterpriseId enterprise, std::uint64_t id) = 0;
};

}  // namespace tundish
