"""Who may call what, for a reader and for tests/test_access_matrix.py. A new route fails until it stands here.

One line an endpoint, sorted: its name, then the roles that may call it (an administrator always may),
or "everybody" signed in, or "public". "+device": an enrolled tablet or a program's token may call it
too. "+pin": at a counter only after the personal PIN.
"""

TABLE = """
accounts.account                 everybody
accounts.change_password         everybody
accounts.enrol                   public
accounts.lock                    everybody
accounts.set_language            public
accounts.set_pin                 everybody
accounts.sign_in                 public
accounts.sign_out                everybody
accounts.unlock                  everybody +device
api.openapi_json                 public
audit.index                      auditor reviewer
audit.show                       auditor reviewer
audit.verify                     auditor reviewer
canteen.add_diet_need            clerk manager reviewer
canteen.approve_eligibility      reviewer
canteen.categories               clerk manager reviewer
canteen.category                 clerk reviewer
canteen.change_diner             clerk reviewer
canteen.change_sittings          clerk reviewer
canteen.change_tariff            clerk reviewer
canteen.counter                  clerk counter manager +device
canteen.counter_diner            clerk counter manager +device
canteen.counter_event            clerk counter manager +device
canteen.counter_more             clerk counter manager +device
canteen.counter_people           clerk counter manager +device +pin
canteen.counter_today            clerk counter manager +device
canteen.create_category          clerk reviewer
canteen.create_counter_change    clerk counter manager +device +pin
canteen.create_counter_entry     clerk counter manager +device
canteen.create_counter_meal      clerk counter manager +device
canteen.create_counter_move      clerk counter manager +device +pin
canteen.create_counter_return    clerk counter manager +device
canteen.create_counter_void      clerk counter manager +device
canteen.create_tariff            clerk reviewer
canteen.delete_tariff            clerk reviewer
canteen.diner                    clerk manager reviewer
canteen.diners                   clerk manager reviewer
canteen.eligibilities            clerk manager reviewer
canteen.end_diet_need            clerk manager reviewer
canteen.end_diner                clerk reviewer
canteen.end_eligibility          reviewer
canteen.end_pause                clerk manager reviewer
canteen.end_suspension           clerk reviewer
canteen.end_tariff               reviewer
canteen.enrol_diner              clerk reviewer
canteen.exception                clerk manager reviewer
canteen.exceptions               clerk manager reviewer
canteen.export_meals             clerk manager reviewer
canteen.export_simulation        clerk reviewer
canteen.find_to_enrol            clerk reviewer
canteen.meal                     auditor clerk manager reviewer
canteen.meals                    clerk manager reviewer
canteen.move_meal                clerk manager reviewer +pin
canteen.pause_diner              clerk manager reviewer
canteen.price_trial              clerk manager reviewer
canteen.propose_eligibility      clerk reviewer
canteen.put_tariff_in_force      reviewer
canteen.refuse_eligibility       reviewer
canteen.renew_eligibility        clerk reviewer
canteen.search_to_move           clerk manager reviewer +pin
canteen.simulation               clerk reviewer
canteen.sittings                 clerk manager reviewer
canteen.suspend_diner            clerk reviewer
canteen.tariff                   clerk manager reviewer
canteen.tariffs                  clerk manager reviewer
canteen.today                    clerk counter manager reviewer +device
canteen.void_meal                clerk manager reviewer +pin
canteen_api.create_scan          clerk counter manager +device
canteen_api.create_scans         clerk counter manager +device
canteen_api.create_void          clerk counter manager +device
canteen_api.create_voids         clerk counter manager +device
canteen_api.roster               clerk counter manager +device
cards.create                     clerk
cards.create_copy                clerk
cards.create_handover            clerk
cards.create_practice            clerk
cards.create_replacement         clerk
cards.create_revocation          clerk
cards.create_sheets              clerk
cards.sheets                     clerk
cards.show                       clerk reviewer
certificate_verification.index   public
certificate_verification.show    public
check_in.create_check_in         public
check_in.index                   public
check_in.state                   public
clock.check                      clerk
clock.show                       clerk reviewer
devices.add                      admin
devices.index                    admin
devices.renew_link               admin
devices.revoke                   admin
devices.show                     admin
evidence.create                  everybody
evidence.create_removal          everybody
evidence.show                    everybody
health.alive                     public
health.metrics                   public
health.ready                     public
home.index                       everybody +device
jobs.create_cancellation         everybody
jobs.file                        everybody
jobs.index                       everybody
jobs.progress                    everybody
jobs.show                        everybody
office.index                     auditor clerk reviewer
office.settings                  admin
people.confirm_import            clerk
people.consent                   clerk
people.contacts                  clerk
people.create                    clerk
people.decide_missing            clerk
people.decide_row                clerk
people.discard_import            clerk
people.edit                      clerk
people.import_template           clerk
people.index                     auditor clerk manager reviewer
people.leave_household           clerk
people.link_household            clerk
people.merge                     clerk
people.put_photo                 clerk
people.remove_photo              clerk
people.reveal                    auditor clerk manager reviewer
people.search                    auditor clerk manager reviewer
people.show                      auditor clerk manager reviewer
people.show_import               clerk
people.standing                  clerk
people.start_import              clerk
people.take_without_id           clerk
people.verify                    clerk
people.withdraw_consent          clerk
report_columns.index             clerk reviewer
report_columns.reset             clerk reviewer
report_columns.save              clerk reviewer
report_columns.undo              clerk reviewer
reports.ask_full_ids             clerk reviewer
reports.cancel_issue             clerk reviewer
reports.create                   clerk
reports.create_closing           clerk reviewer
reports.create_issue             clerk reviewer
reports.create_return            clerk reviewer
reports.create_review            reviewer
reports.create_revision          clerk reviewer
reports.create_signature         clerk reviewer
reports.create_submission        clerk reviewer
reports.differences              auditor clerk manager reviewer
reports.discard                  clerk reviewer
reports.drop_full_ids            clerk reviewer
reports.explain                  clerk reviewer
reports.figure                   auditor clerk manager reviewer
reports.figure_workbook          auditor clerk manager reviewer
reports.finding                  clerk reviewer
reports.index                    auditor clerk manager reviewer
reports.issue_progress           clerk reviewer
reports.pdf                      auditor clerk manager reviewer
reports.preview                  auditor clerk manager reviewer
reports.register                 auditor clerk manager reviewer
reports.sample                   auditor clerk reviewer
reports.show                     auditor clerk manager reviewer
reports.withdraw_review          clerk reviewer
reports.workbook                 auditor clerk manager reviewer
reports.write_texts              clerk reviewer
sites.add                        admin
sites.add_area                   clerk
sites.add_day                    clerk
sites.area                       clerk
sites.areas                      clerk reviewer
sites.day                        clerk
sites.edit                       admin
sites.fill_holidays              clerk
sites.holidays                   clerk reviewer
sites.index                      clerk reviewer
sites.remove_day                 clerk
sites.set_area_state             clerk
static                           public
users.add                        admin
users.add_role                   admin
users.end                        admin
users.index                      admin
users.remove_role                admin
users.reopen                     admin
users.reset_password             admin
users.show                       admin
verification.index               public
verification.show                public
workshop.accept_offer            clerk coordinator manager reviewer
workshop.add_hardship            clerk coordinator reviewer
workshop.admit_learners          clerk coordinator manager reviewer
workshop.apply_for_learner       clerk coordinator manager reviewer
workshop.apply_for_loan          clerk coordinator manager reviewer
workshop.ask_needs               clerk coordinator reviewer
workshop.assessments             clerk coordinator manager reviewer trainer
workshop.at_risk                 clerk coordinator manager reviewer trainer
workshop.attendance              clerk coordinator manager reviewer trainer
workshop.attendance_history      clerk coordinator manager reviewer trainer
workshop.calendar                clerk coordinator manager reviewer trainer
workshop.call_for_follow_up      clerk coordinator reviewer
workshop.cancel_session          clerk coordinator manager reviewer
workshop.certificate             clerk coordinator manager reviewer
workshop.certificates            clerk coordinator manager reviewer
workshop.certify_hardship        clerk coordinator reviewer
workshop.change_cohort           clerk coordinator manager reviewer
workshop.change_employer         clerk coordinator reviewer
workshop.change_learner          clerk coordinator reviewer
workshop.change_placement        clerk coordinator reviewer
workshop.change_policy           clerk coordinator manager reviewer
workshop.change_session_staff    clerk coordinator manager reviewer
workshop.change_session_topic    clerk coordinator manager reviewer
workshop.change_vacancy          clerk coordinator reviewer
workshop.change_venture          clerk coordinator manager reviewer
workshop.check_ins               clerk coordinator manager reviewer trainer
workshop.close_vacancy           clerk coordinator reviewer
workshop.cohort                  clerk coordinator manager reviewer trainer
workshop.cohort_certificates     clerk coordinator manager reviewer
workshop.cohorts                 clerk coordinator manager reviewer trainer
workshop.completion              clerk coordinator manager reviewer
workshop.correct_attendance      clerk reviewer
workshop.course                  clerk reviewer
workshop.courses                 clerk coordinator manager reviewer
workshop.create_arrival          clerk coordinator manager reviewer trainer
workshop.create_call             clerk coordinator manager reviewer trainer
workshop.create_call_list        clerk coordinator manager reviewer trainer
workshop.create_cohort_move      clerk coordinator manager reviewer
workshop.create_course           clerk reviewer
workshop.create_employer         clerk coordinator reviewer
workshop.create_enrolment        clerk coordinator manager reviewer
workshop.create_hardship_category clerk reviewer
workshop.create_make_up          clerk coordinator manager reviewer trainer
workshop.create_retirement_age   clerk reviewer
workshop.create_risk_call        clerk coordinator manager reviewer trainer
workshop.create_room             clerk coordinator manager reviewer
workshop.create_skill            clerk reviewer
workshop.create_timetable        clerk coordinator manager reviewer trainer
workshop.create_week_timetable   clerk coordinator manager reviewer trainer
workshop.decline_offer           clerk coordinator manager reviewer
workshop.delay_next_step         clerk coordinator manager reviewer
workshop.employer                clerk coordinator manager reviewer
workshop.employers               clerk coordinator manager reviewer
workshop.end_hardship            clerk coordinator reviewer
workshop.end_learner             clerk coordinator reviewer
workshop.enrolment               clerk coordinator manager reviewer trainer
workshop.enrolments              clerk coordinator manager reviewer trainer
workshop.export_certificates     clerk coordinator manager reviewer
workshop.export_guidance         clerk coordinator manager reviewer
workshop.export_learners         clerk coordinator manager reviewer
workshop.export_placements       clerk coordinator reviewer
workshop.find_learner            clerk coordinator reviewer
workshop.find_to_apply           clerk coordinator manager reviewer
workshop.find_to_guide           clerk coordinator manager reviewer
workshop.find_to_place           clerk coordinator reviewer
workshop.follow_up               clerk coordinator reviewer
workshop.follow_ups              clerk coordinator reviewer
workshop.guidance                clerk coordinator manager reviewer
workshop.hardship_categories     clerk coordinator reviewer
workshop.hardship_category       clerk reviewer
workshop.issue_certificates      clerk coordinator manager reviewer
workshop.learner                 clerk coordinator manager reviewer
workshop.learner_guidance        clerk coordinator manager reviewer
workshop.learner_marks           clerk coordinator manager reviewer
workshop.learner_vacancies       clerk coordinator manager reviewer
workshop.learners                clerk coordinator manager reviewer
workshop.leave_placement         clerk coordinator reviewer
workshop.move_enrolment          clerk coordinator manager reviewer
workshop.move_loan               clerk coordinator manager reviewer
workshop.move_placement          clerk coordinator reviewer
workshop.move_session            clerk coordinator manager reviewer
workshop.move_venture            clerk coordinator manager reviewer
workshop.open_cohort             clerk coordinator manager reviewer
workshop.open_vacancy            clerk coordinator reviewer
workshop.open_venture            clerk coordinator manager reviewer
workshop.placement               auditor clerk coordinator manager reviewer
workshop.placements              clerk coordinator manager reviewer
workshop.plan_sessions           clerk coordinator manager reviewer
workshop.print_certificates      clerk coordinator manager reviewer
workshop.print_sheet             clerk coordinator manager reviewer trainer
workshop.rate_names              clerk coordinator manager reviewer
workshop.rates                   clerk coordinator manager reviewer
workshop.record_external         clerk coordinator manager reviewer
workshop.record_meeting          clerk coordinator manager reviewer
workshop.refer                   clerk coordinator reviewer
workshop.register_learner        clerk coordinator reviewer
workshop.remove_external         clerk coordinator manager reviewer
workshop.remove_retirement_age   clerk reviewer
workshop.remove_skill            clerk coordinator reviewer
workshop.reopen_employer         clerk coordinator reviewer
workshop.reopen_vacancy          clerk coordinator reviewer
workshop.reschedule_session      clerk coordinator manager reviewer
workshop.retire_employer         clerk coordinator reviewer
workshop.retirement_age          clerk reviewer
workshop.retirement_ages         clerk coordinator reviewer
workshop.revoke_certificate      clerk reviewer
workshop.room                    clerk coordinator manager reviewer
workshop.room_code               clerk coordinator manager reviewer trainer
workshop.rooms                   clerk coordinator manager reviewer
workshop.save_attendance         clerk coordinator manager reviewer trainer
workshop.save_sheet              clerk coordinator manager reviewer trainer
workshop.session                 clerk coordinator manager reviewer trainer
workshop.session_make_ups        clerk coordinator manager reviewer
workshop.session_notice          clerk coordinator manager reviewer trainer
workshop.set_room_code           clerk coordinator manager reviewer trainer
workshop.set_skill               clerk coordinator reviewer
workshop.set_subsidised          clerk reviewer
workshop.settle_check_ins        clerk coordinator manager reviewer trainer
workshop.settle_follow_up        clerk coordinator reviewer
workshop.settle_next_step        clerk coordinator manager reviewer
workshop.skill                   clerk reviewer
workshop.skills                  clerk coordinator reviewer
workshop.start_own               clerk coordinator reviewer
workshop.start_training          clerk coordinator manager reviewer
workshop.stop_placement          clerk coordinator reviewer
workshop.tell_placement          clerk coordinator reviewer
workshop.timetable               clerk coordinator manager reviewer trainer
workshop.to_tell                 clerk coordinator reviewer
workshop.today                   clerk coordinator manager reviewer trainer
workshop.transfer_learner        clerk coordinator manager reviewer
workshop.try_follow_up           clerk coordinator reviewer
workshop.type_sheet              clerk coordinator manager reviewer trainer
workshop.undo_attendance         clerk coordinator manager reviewer trainer
workshop.undo_follow_up          clerk coordinator reviewer
workshop.vacancies               clerk coordinator manager reviewer
workshop.vacancy                 clerk coordinator manager reviewer
workshop.venture                 clerk coordinator manager reviewer
workshop.ventures                clerk coordinator manager reviewer
workshop.verify_placement        clerk coordinator reviewer
workshop.void_meeting            clerk coordinator manager reviewer
workshop.walk_in                 clerk coordinator manager reviewer trainer
"""
