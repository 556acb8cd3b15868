package main

import (
	"cmp"
	"os"

	"golang.org/x/sys/windows"
)

// localeName is the language of the environment where it names one, as in a shell that was brought along, else of the user's Windows.
func localeName() string {
	if name := cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")); name != "" {
		return name
	}
	names, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(names) == 0 {
		return ""
	}
	return names[0]
}
