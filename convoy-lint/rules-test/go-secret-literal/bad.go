package a

// bad
const key = "AKIAQ4J5KLM2NPRSTUVW"

func f() {
	// bad
	token := "ghp_0123456789abcdefghijABCDEFGHIJ012345"
}
