package a

func f(key []byte) {
	aes.NewCipher(key)
}
