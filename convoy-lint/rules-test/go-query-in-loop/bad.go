package a

func f(ids []int) {
	for _, id := range ids {
		// bad
		row := s.db.QueryRow("SELECT name FROM users WHERE id = $1", id)
	}
}
