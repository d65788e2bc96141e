#pragma once

#include <sys/types.h>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/server.h"
#include "base/result.h"
#include "base/time.h"

namespace tundish::app {

/// One enterprise of the demo: who it is, and which pack it runs.
struct DemoEnterprise {
  std::string code;
  std::string name;
  std::string industry;
  std::string region;
  std::string pack;
  std::string site_name;
  std::string time_zone;
  double latitude = 0, longitude = 0;
  std::uint64_t seed = 1;
  bool by_http = false;  ///< sends numbered batches instead of being read over OPC UA
};

/// A simulated plant in a process of its own, as foreign equipment would be. It ends with its
/// owner, also when that is killed.
class PlantProcess {
 public:
  /// Starts `tundish simulate` and waits for its endpoint. Errors: kIo, kUnavailable.
  static Result<std::unique_ptr<PlantProcess>> start(const std::string& pack, std::uint16_t port,
                                                     std::uint64_t seed, TimeNs epoch,
                                                     const std::string& certificate_folder,
                                                     const std::string& faults_file);
  /// Starts `tundish simulate --http` for a server that answers and waits for the sender's first line.
  /// `token_file`: as SendPlantOptions. Errors: kIo, kUnavailable.
  static Result<std::unique_ptr<PlantProcess>> start_sender(
      const std::string& pack, const std::string& url, const std::string& token_file,
      std::uint64_t seed, TimeNs epoch, TimeNs from, const std::string& faults_file);
  ~PlantProcess();
  PlantProcess(const PlantProcess&) = delete;
  PlantProcess& operator=(const PlantProcess&) = delete;

  const std::string& endpoint() const { return endpoint_; }
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  PlantProcess() = default;
  static Result<std::unique_ptr<PlantProcess>> spawn(const std::vector<std::string>& words);
  pid_t pid_ = -1;
  int input_ = -1;  ///< closing it ends the process
  std::string endpoint_, fingerprint_;
};

/// Before anything connects: tells the enterprise's first simulated connection, if an earlier run made one,
/// where the plant is found now. What a person changed there stays.
Status move_connection(Platform& platform, std::string_view enterprise_code,
                       const std::string& endpoint, const std::string& fingerprint);

/// Makes the enterprise with its site and tags if they are missing, and a connection to `plant`;
/// without a plant (it sends by itself) no connection.
Status set_up_enterprise(Platform& platform, const DemoEnterprise& enterprise,
                         const PlantProcess* plant);

/// A token for the enterprise's plant that sends, in `file` (readable by its owner only). One that an
/// earlier run left is removed. Errors: kIo, kNotFound.
Status write_sender_token(Platform& platform, const DemoEnterprise& enterprise,
                          const std::string& file);

/// `2 days`, `an hour`, `36 hours`: nearly, as the seconds that a start takes do not count.
std::string length_text(DurationNs length);

/// Posts the plant's past from `from` to `to` by POST /api/v1/samples as numbered batches of class
/// synthetic, with progress on stderr. A history that is there already is not posted again.
Status post_history(Server& server, const DemoEnterprise& enterprise, TimeNs from, TimeNs to);

}  // namespace tundish::app
