package a

func f(a int) int {
	if a > 1 {
		return 1
	}
	use()
	return 2
}
