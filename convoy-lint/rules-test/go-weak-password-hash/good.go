package a

func f(data []byte, passwordFile string) {
	sha256.Sum256(data)
	md5.Sum([]byte(passwordFile))
	bcrypt.GenerateFromPassword([]byte(password), 10)
}
