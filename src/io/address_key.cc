#include "io/address_key.h"

#include <arpa/inet.h>

#include <cstring>

namespace tundish::io {

std::string address_key(std::string_view address) {
  std::string text(address.substr(0, 128));
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return text;
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    char four[INET_ADDRSTRLEN] = {};
    inet_ntop(AF_INET, six.s6_addr + 12, four, sizeof four);
    return four;
  }
  std::memset(six.s6_addr + 8, 0, 8);
  char network[INET6_ADDRSTRLEN] = {};
  inet_ntop(AF_INET6, &six, network, sizeof network);
  return std::string(network) + "/64";
}

}  // namespace tundish::io
