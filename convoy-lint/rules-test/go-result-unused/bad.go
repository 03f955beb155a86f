package a

func f(s string) string {
	// bad
	strings.TrimSpace(s)
	// bad
	fmt.Errorf("wrong: %s", s)
	return s
}
