"""`streamlit run app.py`: the dashboard."""

from enigma.ui.shell import main

main()
