package a

import "crypto/tls"

var c = &tls.Config{
	// bad
	MinVersion: tls.VersionTLS10,
}
