package a

func f(s string) string {
	s = strings.TrimSpace(s)
	fmt.Println(s)
	return strings.ToLower(s)
}
