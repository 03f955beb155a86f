package a

func f() {
	config := &tls.Config{
		MinVersion: tls.VersionSSL30, //nolint:staticcheck
	}
	use(config)
}
