package a

import "math/rand"

func f() {
	// bad
	token := rand.Int63()
	// bad
	s.resetToken = fmt.Sprint(rand.Intn(1000000))
}
