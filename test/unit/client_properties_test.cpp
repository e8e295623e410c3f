#include "core/client_properties.hpp"

#include <gtest/gtest.h>

namespace kcs {
namespace {

PropertyList parse(std::string_view text, PropertySource source = PropertySource::setting) {
    auto list = parse_client_properties(text, source);
    EXPECT_TRUE(static_cast<bool>(list)) << (list ? "" : list.fault().message);
    return list ? *list : PropertyList{};
}
std::string message(std::string_view text, PropertySource source = PropertySource::setting) {
    auto list = checked_client_properties(text, source);
    EXPECT_FALSE(static_cast<bool>(list));
    return list ? "" : list.fault().message + list.fault().detail + list.fault().hint;
}

TEST(ClientProperties, NothingIsNothing) {
    EXPECT_TRUE(parse("").empty());
    EXPECT_TRUE(parse(" \n\t\n# only a remark = 1\n").empty());
}

TEST(ClientProperties, LinesAndCommas) {
    PropertyList want = {{"security.protocol", "SASL_SSL"}, {"sasl.mechanism", "PLAIN"}};
    EXPECT_EQ(want, parse("security.protocol=SASL_SSL,sasl.mechanism=PLAIN"));
    EXPECT_EQ(want, parse(" security.protocol = SASL_SSL , sasl.mechanism = PLAIN ,"));
    EXPECT_EQ(want, parse("security.protocol=SASL_SSL\r\n\r\nsasl.mechanism=PLAIN\n"));
}

TEST(ClientProperties, CommaInValue) {
    PropertyList want = {{"ssl.cipher.suites", "A,B, C"}, {"linger.ms", "5"}};
    EXPECT_EQ(want, parse("ssl.cipher.suites=A,B, C,linger.ms=5"));
    EXPECT_EQ((PropertyList{{"sasl.oauthbearer.extensions", "a=b,c=d"}}),
              parse("sasl.oauthbearer.extensions=a=b\\,c=d"));
    EXPECT_EQ((PropertyList{{"ssl.ca.location", "C:\\x\\y"}}), parse("ssl.ca.location=C:\\x\\y"));
}

TEST(ClientProperties, EmptyValueAndEquals) {
    EXPECT_EQ((PropertyList{{"debug", ""}, {"client.rack", "a=b"}}),
              parse("debug=\nclient.rack=a=b"));
}

TEST(ClientProperties, FileTakesTheRestOfTheLine) {
    EXPECT_EQ((PropertyList{{"sasl.password", "a,b=c\\,#d"}, {"x", "y"}}),
              parse("# secrets\nsasl.password=a,b=c\\,#d\n\nx=y", PropertySource::file));
}

TEST(ClientProperties, FaultsNameTheEntryNotTheValue) {
    auto second_line = message("a=b\nhunter2");
    EXPECT_NE(second_line.find("entry 2"), std::string::npos) << second_line;
    EXPECT_EQ(second_line.find("hunter2"), std::string::npos);
    EXPECT_EQ(message("my pass=hunter2").find("hunter2"), std::string::npos);
    EXPECT_EQ(message("my pass=hunter2").find("my pass"), std::string::npos);
    EXPECT_NE(message("=x").find("entry 1"), std::string::npos);
    EXPECT_NE(message("\n\noops", PropertySource::file).find("line 3"), std::string::npos);
    EXPECT_NE(message("a=1\na=2").find("\"a\" is given twice"), std::string::npos);
}

TEST(ClientProperties, Refusals) {
    for (const char* key :
         {"enable.auto.commit", "group.id", "bootstrap.servers", "metadata.broker.list",
          "auto.offset.reset", "plugin.library.paths", "sasl.kerberos.kinit.cmd",
          "sasl.kerberos.min.time.before.relogin", "sasl.kerberos.keytab",
          "sasl.kerberos.principal", "ssl.engine.location", "error_cb", "opaque", "log.queue",
          "queued.max.messages.kbytes"}) {
        EXPECT_NE(nullptr, refused_property(key, PropertySource::setting)) << key;
        EXPECT_NE(nullptr, refused_property(key, PropertySource::file)) << key;
    }
    for (const char* key : {"sasl.password", "ssl.key.password", "ssl.key.pem",
                            "ssl.keystore.password", "sasl.oauthbearer.client.secret",
                            "sasl.oauthbearer.config", "ssl_key", "sasl.jaas.config"}) {
        EXPECT_NE(nullptr, refused_property(key, PropertySource::setting)) << key;
        EXPECT_TRUE(is_secret_property(key));
    }
    // However it is spelled: librdkafka may not know it, the server's log would show it.
    for (const char* key :
         {"SASL.Password", "sasl_password", "sasl-password", "SSL_KEY_PEM", "ssl.Key-Password",
          "Sasl.Oauthbearer.Client.Secret", "sasl.passwd", "ssl.keystore.key", "SASL.JAAS.CONFIG",
          "basic.auth.user.info", "sasl.oauthbearer.assertion.private.key.pem", "api_key",
          "sasl.oauthbearer.config", "SASL_OAUTHBEARER_CONFIG", "aws.session.token"})
        EXPECT_NE(nullptr, refused_property(key, PropertySource::setting)) << key;
    for (const char* key :
         {"Plugin.Library.Paths", "plugin_library_paths", "SSL.Engine.Location", "ssl-engine-id",
          "ssl.Providers", "SASL_KERBEROS_KINIT_CMD", "Group.Id", "group_id", "ERROR_CB",
          "oauthbearer_token_refresh_cb", "Interceptors", "default_topic_conf"}) {
        EXPECT_NE(nullptr, refused_property(key, PropertySource::setting)) << key;
        EXPECT_NE(nullptr, refused_property(key, PropertySource::file)) << key;
    }
    EXPECT_EQ(nullptr, refused_property("sasl.password", PropertySource::file));
    EXPECT_EQ(nullptr,
              refused_property("sasl.oauthbearer.token.endpoint.url", PropertySource::setting));
    auto in_url = message("sasl.oauthbearer.token.endpoint.url=https://me:hunter2@host/path");
    EXPECT_EQ(in_url.find("hunter2"), std::string::npos) << in_url;
    EXPECT_NE(in_url.find("client_properties_file"), std::string::npos) << in_url;
    parse("sasl.oauthbearer.token.endpoint.url=https://host/path@x");
    for (const char* key : {"security.protocol", "sasl.username", "ssl.ca.location", "ssl.ca.pem",
                            "fetch.max.bytes", "session.timeout.ms", "debug", "client.id"})
        EXPECT_EQ(nullptr, refused_property(key, PropertySource::setting)) << key;
    auto said = message("sasl.password=hunter2");
    EXPECT_NE(said.find("sasl.password"), std::string::npos);
    EXPECT_EQ(said.find("hunter2"), std::string::npos);
}

} // namespace
} // namespace kcs
