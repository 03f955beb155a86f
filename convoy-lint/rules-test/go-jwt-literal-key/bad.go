package a

import "github.com/golang-jwt/jwt/v5"

func f(token *jwt.Token) {
	// bad
	token.SignedString([]byte("a1b2c3d4"))
}
