// The canary: a decoder with a planted fault. `make fuzz` fails unless the fuzzer finds it, which
// proves that the other targets' silence means something.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size >= 4 && data[0] == 'T' && data[1] == 'u' && data[2] == 'n' && data[3] == 0xD1)
    std::abort();
  return 0;
}
