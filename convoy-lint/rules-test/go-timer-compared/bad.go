package a

func f(t time.Time) bool {
	// bad
	return t == time.Unix(0, 0)
}
