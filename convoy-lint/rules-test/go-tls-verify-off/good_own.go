package a

func f(c *tls.Config) {
	own := c.Clone()
	// trust the local server
	own.InsecureSkipVerify = true
	use(own)
}
