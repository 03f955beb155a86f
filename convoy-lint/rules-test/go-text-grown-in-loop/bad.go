package a

func f(rows [][]string) string {
	out := ""
	for _, row := range rows {
		for _, cell := range row {
			// bad
			out += cell + "\t"
		}
	}
	return out
}
