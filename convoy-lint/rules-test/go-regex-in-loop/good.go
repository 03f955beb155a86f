package a

var re = regexp.MustCompile(`^a+$`)

func f(lines []string) {
	one := regexp.MustCompile(`^a+$`)
	for _, line := range regexp.MustCompile(`a`).FindAllString(all, -1) {
		other := regexp.MustCompile(line)
		defer func() { regexp.MustCompile(`^a+$`) }()
	}
}
