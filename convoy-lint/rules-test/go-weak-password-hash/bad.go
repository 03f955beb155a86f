package a

func f(user User, password string) {
	// bad
	sum := sha256.Sum256([]byte(password))
	// bad
	md5.Sum([]byte(user.Password))
}
