if getattr(own, "LDAP_IGNORE_CERT_ERRORS", False):
    ldap.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_NEVER)
