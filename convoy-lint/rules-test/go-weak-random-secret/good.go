package a

import (
	crand "crypto/rand"
	"math/rand"
)

func f() {
	index := rand.Intn(10)
	token := crand.Text()
	tokens := rand.Intn(10)
}
