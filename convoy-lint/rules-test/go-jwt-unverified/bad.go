package a

func f(text string) {
	jwt.Parse(text, func(t *jwt.Token) (interface{}, error) {
		// bad
		return jwt.UnsafeAllowNoneSignatureType, nil
	})
}
