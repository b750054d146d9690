"""What a page is made of. Knows streamlit and plotly; never torch."""
