package a

func f(rows [][]string) string {
	var out strings.Builder
	total := 0
	for _, row := range rows {
		line := ""
		line += "x"
		for _, cell := range row {
			out.WriteString(cell)
			total += len(cell)
		}
	}
	return out.String()
}
