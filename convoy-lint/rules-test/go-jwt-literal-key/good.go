package a

import "github.com/golang-jwt/jwt/v5"

func f(token *jwt.Token, key []byte) {
	token.SignedString(key)
	token.SignedString([]byte(os.Getenv("KEY")))
}
