package a

func f(key []byte) {
	// bad
	des.NewCipher(key)
	// bad
	c, err := rc4.NewCipher(key)
}
