package a

func f(bits int) {
	rsa.GenerateKey(rand.Reader, 2048)
	rsa.GenerateKey(rand.Reader, bits)
}
