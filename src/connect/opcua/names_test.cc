// Node identifiers, namespaces, values, units, status codes: what is pure.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "connect/opcua/node_id.h"
#include "connect/opcua/status.h"
#include "connect/opcua/units.h"
#include "connect/opcua/values.h"

namespace tundish::connect::opcua {
namespace {

TEST(NodeId, ComesBackAsItWasWritten) {
  for (const char* text : {"i=0", "i=4294967295", "s=Line1.Temp", "s=a;b=c;ns=4;s=\xE6\xB8\xA9",
                           "s==", "g=09087e75-8e5e-499b-954f-f2a9603db28a", "b=b3BlbjYyNTQxIQ=="}) {
    const auto id = parse_identifier(text, 7);
    ASSERT_TRUE(id) << text;
    EXPECT_EQ((*id)->namespaceIndex, 7);
    EXPECT_EQ(format_identifier(**id), text);
  }
}

TEST(NodeId, RefusesWhatIsNoIdentifier) {
  for (const std::string& text :
       {std::string(), std::string("i="), std::string("i=-1"), std::string("i=4294967296"),
        std::string("i=1x"), std::string("s="), std::string("x=1"), std::string("ns=2;s=A"),
        std::string("g=09087e75"), "s=" + std::string(5000, 'a')})
    EXPECT_FALSE(parse_identifier(text, 0)) << text.substr(0, 20);
}

TEST(Namespaces, MapByUri) {
  const Namespaces namespaces({"http://opcfoundation.org/UA/", "urn:server", "urn:plant"});
  EXPECT_EQ(*namespaces.index_of(""), 0);
  EXPECT_EQ(*namespaces.index_of("http://opcfoundation.org/UA/"), 0);
  EXPECT_EQ(*namespaces.index_of("urn:plant"), 2);
  EXPECT_EQ(namespaces.index_of("urn:none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(namespaces.uri_of(2), "urn:plant");
  EXPECT_EQ(namespaces.uri_of(9), "");
}

TEST(Units, ComeFromTheUneceCodeElseFromTheName) {
  constexpr const char* kUnece = "http://www.opcfoundation.org/UA/units/un/cefact";
  EXPECT_EQ(ucum_of(kUnece, 4408652, "\u00b0C"), "Cel");  // CEL
  EXPECT_EQ(ucum_of(kUnece, 0x4B5754, ""), "kW");         // KWT
  EXPECT_EQ(ucum_of(kUnece, 0x5031, "percent"), "%");     // P1
  EXPECT_EQ(ucum_of(kUnece, 0x5A5A5A, "heats"), "heats");
  EXPECT_EQ(ucum_of("urn:own", 4408652, "bar"), "bar");
  EXPECT_EQ(ucum_of("", -1, "m\u00b3/h"), "m3/h");
}

TEST(Status, HasNamesAndMeansSomething) {
  EXPECT_EQ(status_name(UA_STATUSCODE_BADUSERACCESSDENIED), "BadUserAccessDenied");
  EXPECT_EQ(fail_status(UA_STATUSCODE_BADTIMEOUT, "x").error().code, ErrorCode::kTimeout);
  EXPECT_EQ(fail_status(UA_STATUSCODE_BADNOTCONNECTED, "x").error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(fail_status(UA_STATUSCODE_BADUSERACCESSDENIED, "x").error().code,
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(fail_status(UA_STATUSCODE_BADNODEIDUNKNOWN, "x").error().code, ErrorCode::kRemote);
  EXPECT_TRUE(says_nothing(UA_STATUSCODE_BADNODEIDUNKNOWN));
  EXPECT_FALSE(says_nothing(UA_STATUSCODE_BADSENSORFAILURE)) << "a broken sensor is a reading";
  EXPECT_FALSE(says_nothing(UA_STATUSCODE_GOOD));
}

Reading read_scalar(void* value, int type) {
  UA_DataValue data;
  UA_DataValue_init(&data);
  UA_Variant_setScalar(&data.value, value, &UA_TYPES[type]);
  data.hasValue = true;
  return reading_of(data);
}

TEST(Values, KeepEveryBit) {
  UA_Double nan = std::nan("7");
  EXPECT_TRUE(same_bits(*read_scalar(&nan, UA_TYPES_DOUBLE).value, Value(nan)));
  UA_Double zero = -0.0;
  EXPECT_TRUE(same_bits(*read_scalar(&zero, UA_TYPES_DOUBLE).value, Value(-0.0)));
  UA_Int64 least = std::numeric_limits<std::int64_t>::min();
  EXPECT_TRUE(same_bits(*read_scalar(&least, UA_TYPES_INT64).value, Value(least)));
  UA_UInt32 most = 4294967295u;
  EXPECT_TRUE(same_bits(*read_scalar(&most, UA_TYPES_UINT32).value, Value(std::int64_t{most})));
}

TEST(Values, WhatDoesNotFitIsMarked) {
  UA_UInt64 huge = std::uint64_t{1} << 63;
  EXPECT_EQ(read_scalar(&huge, UA_TYPES_UINT64).quality, kBadOutOfRange);
  UA_DateTime early = 0;
  EXPECT_EQ(read_scalar(&early, UA_TYPES_DATETIME).quality, kBadOutOfRange);
  UA_ByteString bytes = UA_BYTESTRING_NULL;
  EXPECT_FALSE(read_scalar(&bytes, UA_TYPES_BYTESTRING).supported);
}

TEST(Values, TimesAreUtcNanosecondsAndTheFirstInstantMeansNone) {
  EXPECT_EQ(time_of(UA_DATETIME_UNIX_EPOCH), 0);
  EXPECT_EQ(time_of(UA_DATETIME_UNIX_EPOCH + 1, 250), 102);
  EXPECT_EQ(time_of(std::numeric_limits<UA_DateTime>::max()), kTimeMax);
  EXPECT_EQ(time_of(std::numeric_limits<UA_DateTime>::min()), kTimeMin);
  UA_DataValue data;
  UA_DataValue_init(&data);
  data.hasSourceTimestamp = data.hasServerTimestamp = true;
  data.serverTimestamp = UA_DATETIME_UNIX_EPOCH + 10;
  const Reading reading = reading_of(data);
  EXPECT_FALSE(reading.source_time);
  EXPECT_EQ(reading.server_time, 1000);
}

}  // namespace
}  // namespace tundish::connect::opcua
