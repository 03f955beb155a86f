package a

func f(lines []string) {
	for _, line := range lines {
		// bad
		re := regexp.MustCompile(`^a+$`)
		// bad
		ok, _ := regexp.MatchString("^b+$", line)
	}
}
