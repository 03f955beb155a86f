package a

import "crypto/tls"

func client() *tls.Config {
	return &tls.Config{
		// bad
		InsecureSkipVerify: true,
	}
}

func change(c *tls.Config) {
	// bad
	c.InsecureSkipVerify = true
}
