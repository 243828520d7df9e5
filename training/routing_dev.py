"""Tools that the product has not, with requests in other words: to choose `routing.LIKELY` on."""

# ruff: noqa: E501

from __future__ import annotations

TOOLS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("brindle", "Tell how many patients sit in the waiting area of the X-ray rooms.",
     ("is it busy out front", "how long is the line outside room two", "anyone still out there?")),
    ("quill", "Search the scientific literature for articles about a diagnosis.",
     ("any papers on organising pneumonia mimics", "pubmed this for me", "latest evidence on that?")),
    ("marrow", "Read the pathology report of the last biopsy.",
     ("what did the histology say", "was the needle sample malignant", "cytology back yet?")),
    ("tandem", "Ask a colleague for a second opinion on the open study.",
     ("I'd like someone else to look at this", "get Petra's view", "peer review please")),
    ("lantern", "List implants and devices recorded for the patient, with their MRI safety.",
     ("has he got anything metal inside", "is her pacer scanner-compatible", "valves? clips?")),
    ("sparrow", "Show the vital signs of the last 24 hours.",
     ("is he febrile", "what's the pulse and pressure been like", "sats overnight?")),
    ("hollow", "Estimate the lung volume from the film.",
     ("how much air does she hold", "are these hyperinflated in litres", "capacity?")),
    ("juniper", "Book a porter to bring the patient to radiology.",
     ("somebody fetch him from ward nine", "transport for bed twelve", "get her wheeled down")),
    ("cobble", "Report a fault of a machine to the medical engineers.",
     ("the detector in room 3 has dead lines", "tube keeps overheating, tell the techs",
      "bucky is broken again")),
    ("vellum", "Explain a finding in plain words for the patient.",
     ("how would I put that to his mother", "layman's version please", "say it simply for her")),
    ("thistle", "List the examinations that are ordered for tomorrow.",
     ("what's coming in the morning", "schedule for the next day?", "how full are we on Tuesday")),
    ("ember", "Compute the effective dose of the examinations of a patient this year.",
     ("how much radiation has she had", "cumulative mSv", "is he over a sensible exposure by now")),
)  # fmt: skip

OTHERS: tuple[tuple[str, str], ...] = (
    ("canteen_menu", "Show what the canteen serves today."),
    ("parking_permit", "Renew a staff parking permit."),
    ("bed_board", "Show free beds on the wards."),
    ("blood_bank", "Ask the blood bank for units of a group."),
    ("shift_swap", "Offer a shift to colleagues."),
    ("invoice_status", "Tell whether an invoice was paid."),
    ("linen_order", "Order linen for a ward."),
    ("lift_status", "Tell which lifts are out of order."),
    ("visitor_badge", "Print a badge for a visitor."),
    ("waste_pickup", "Call for clinical waste to be picked up."),
    ("fridge_log", "Show the temperatures of the drug fridges."),
    ("payroll_slip", "Show the last pay slip."),
    ("training_hours", "Count hours of mandatory training."),
    ("interpreter", "Book an interpreter for a language."),
    ("oxygen_stock", "Tell how many oxygen cylinders are in stock."),
    ("theatre_plan", "Show the list of operations of a day."),
    ("diet_card", "Show a patient's diet."),
    ("wifi_code", "Give a guest the code of the wireless network."),
    ("key_register", "Tell who has which key."),
    ("flu_campaign", "Book a flu vaccination for staff."),
)
