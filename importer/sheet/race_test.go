//go:build race

package sheet

const underRace = true
