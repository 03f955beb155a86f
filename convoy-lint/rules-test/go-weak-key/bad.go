package a

func f() {
	// bad
	key, err := rsa.GenerateKey(rand.Reader, 1024)
}
