package a

import "crypto/tls"

var c = &tls.Config{MinVersion: tls.VersionTLS12}
var d = &tls.Config{MaxVersion: tls.VersionTLS11}
