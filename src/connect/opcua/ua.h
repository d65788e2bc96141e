#pragma once

#include <open62541/client.h>
#include <open62541/client_subscriptions.h>
#include <open62541/types.h>
#include <open62541/types_generated_handling.h>

#include <string>
#include <string_view>
#include <utility>

namespace tundish::connect::opcua {

/// The description of an open62541 type, by its C++ type.
template <class T>
const UA_DataType* ua_type();

#define TUNDISH_UA_TYPE(Type, INDEX)          \
  template <>                                 \
  inline const UA_DataType* ua_type<Type>() { \
    return &UA_TYPES[INDEX];                  \
  }
TUNDISH_UA_TYPE(UA_NodeId, UA_TYPES_NODEID)
TUNDISH_UA_TYPE(UA_Variant, UA_TYPES_VARIANT)
TUNDISH_UA_TYPE(UA_DataValue, UA_TYPES_DATAVALUE)
TUNDISH_UA_TYPE(UA_ReferenceDescription, UA_TYPES_REFERENCEDESCRIPTION)
TUNDISH_UA_TYPE(UA_EndpointDescription, UA_TYPES_ENDPOINTDESCRIPTION)
TUNDISH_UA_TYPE(UA_UserTokenPolicy, UA_TYPES_USERTOKENPOLICY)
TUNDISH_UA_TYPE(UA_GetEndpointsRequest, UA_TYPES_GETENDPOINTSREQUEST)
TUNDISH_UA_TYPE(UA_GetEndpointsResponse, UA_TYPES_GETENDPOINTSRESPONSE)
TUNDISH_UA_TYPE(UA_ReadRequest, UA_TYPES_READREQUEST)
TUNDISH_UA_TYPE(UA_ReadResponse, UA_TYPES_READRESPONSE)
TUNDISH_UA_TYPE(UA_BrowseRequest, UA_TYPES_BROWSEREQUEST)
TUNDISH_UA_TYPE(UA_BrowseResponse, UA_TYPES_BROWSERESPONSE)
TUNDISH_UA_TYPE(UA_BrowseNextRequest, UA_TYPES_BROWSENEXTREQUEST)
TUNDISH_UA_TYPE(UA_BrowseNextResponse, UA_TYPES_BROWSENEXTRESPONSE)
TUNDISH_UA_TYPE(UA_TranslateBrowsePathsToNodeIdsRequest,
                UA_TYPES_TRANSLATEBROWSEPATHSTONODEIDSREQUEST)
TUNDISH_UA_TYPE(UA_TranslateBrowsePathsToNodeIdsResponse,
                UA_TYPES_TRANSLATEBROWSEPATHSTONODEIDSRESPONSE)
TUNDISH_UA_TYPE(UA_CreateSubscriptionResponse, UA_TYPES_CREATESUBSCRIPTIONRESPONSE)
TUNDISH_UA_TYPE(UA_CreateMonitoredItemsRequest, UA_TYPES_CREATEMONITOREDITEMSREQUEST)
TUNDISH_UA_TYPE(UA_CreateMonitoredItemsResponse, UA_TYPES_CREATEMONITOREDITEMSRESPONSE)
TUNDISH_UA_TYPE(UA_DeleteMonitoredItemsRequest, UA_TYPES_DELETEMONITOREDITEMSREQUEST)
TUNDISH_UA_TYPE(UA_DeleteMonitoredItemsResponse, UA_TYPES_DELETEMONITOREDITEMSRESPONSE)
#undef TUNDISH_UA_TYPE

/// An open62541 value that frees what it holds. Move only.
template <class T>
class Ua {
 public:
  Ua() { UA_init(&value_, ua_type<T>()); }
  /// Takes over what `value` holds.
  explicit Ua(T value) : value_(value) {}
  ~Ua() { UA_clear(&value_, ua_type<T>()); }
  Ua(Ua&& other) noexcept : value_(other.release()) {}
  Ua& operator=(Ua&& other) noexcept {
    if (this != &other) {
      UA_clear(&value_, ua_type<T>());
      value_ = other.release();
    }
    return *this;
  }
  Ua(const Ua&) = delete;
  Ua& operator=(const Ua&) = delete;

  static Ua copy_of(const T& value) {
    Ua copy;
    UA_copy(&value, &copy.value_, ua_type<T>());
    return copy;
  }
  T release() {
    T value = value_;
    UA_init(&value_, ua_type<T>());
    return value;
  }

  T* get() { return &value_; }
  const T* get() const { return &value_; }
  T& operator*() { return value_; }
  const T& operator*() const { return value_; }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }

 private:
  T value_;
};

/// The text, borrowed from `text`.
inline std::string_view view_of(const UA_String& text) {
  return {reinterpret_cast<const char*>(text.data), text.length};
}
inline std::string string_of(const UA_String& text) { return std::string(view_of(text)); }

/// Borrows `text`, which open62541 must only read and must not keep.
inline UA_String borrow(std::string_view text) {
  UA_String string;
  string.length = text.size();
  string.data = reinterpret_cast<UA_Byte*>(const_cast<char*>(text.data()));
  return string;
}
/// A copy in open62541's memory.
inline UA_String allocate(std::string_view text) {
  UA_String copy;
  const UA_String borrowed = borrow(text);
  UA_String_copy(&borrowed, &copy);
  return copy;
}

}  // namespace tundish::connect::opcua
