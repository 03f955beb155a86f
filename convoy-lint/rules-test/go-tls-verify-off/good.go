package a

import "crypto/tls"

func client(insecure bool) *tls.Config {
	c := &tls.Config{InsecureSkipVerify: insecure}
	if insecure {
		c.InsecureSkipVerify = true
	}
	return c
}

func pinned() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, VerifyPeerCertificate: check}
}
